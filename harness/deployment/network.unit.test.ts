import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { TOPOLOGY } from '#contracts/spec/topology.generated.ts';
import type { Topology } from '#contracts/spec/topology.ts';
import { SERVICES } from '../kernel/address-book.ts';
import { packageAsset } from '../kernel/package-assets.ts';

/**
 * What the rendered policies allow, against the topology. The snapshots are what Helm renders:
 * `pnpm test:deployment` checks that.
 */
const Peer = z.looseObject({
  podSelector: z.looseObject({ matchLabels: z.record(z.string(), z.string()) }).optional(),
});
const Rule = z.looseObject({ from: z.array(Peer).optional(), to: z.array(Peer).optional() });
const Policy = z.looseObject({
  kind: z.literal('NetworkPolicy'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    ingress: z.array(Rule).default([]),
    egress: z.array(Rule).default([]),
  }),
});
const NAME = 'app.kubernetes.io/name';
const SERVER = 'sagaproof/server';
const services: Topology['services'] = TOPOLOGY.services;
const links: Topology['links'] = TOPOLOGY.links;

const policies = ['kind', 'servers'].flatMap((snapshot) =>
  parseAllDocuments(readFileSync(packageAsset(`helm/snapshots/${snapshot}.yaml`), 'utf8'))
    .map((document) => Policy.safeParse(document.toJS()))
    .flatMap(({ data }) => (data === undefined ? [] : [data])),
);
const policyOf = (name: string) => policies.find(({ metadata }) => metadata.name === name);
const namesIn = (peers: z.infer<typeof Peer>[], label: string): string[] =>
  peers.flatMap(({ podSelector }) => podSelector?.matchLabels[label] ?? []).sort();
const isServer = (name: string) => services[name] === undefined;

describe('network policies', () => {
  it.each(SERVICES)('let %s be called by its callers only', (name) => {
    const peers = policyOf(name)?.spec.ingress.flatMap(({ from = [] }) => from) ?? [];
    const callers = SERVICES.filter((caller) => services[caller]?.calls.includes(name));
    expect(namesIn(peers, NAME)).toEqual(callers.toSorted());
  });

  it.each(SERVICES)('let %s reach what it has a link to, and the receiver of traces', (name) => {
    const peers = policyOf(name)?.spec.egress.flatMap(({ to = [] }) => to) ?? [];
    const linked = links[name] ?? [];
    expect(namesIn(peers, NAME)).toEqual(linked.filter((one) => !isServer(one)).toSorted());
    const servers = new Set([...linked.filter(isServer), 'otlp']);
    expect(namesIn(peers, SERVER)).toEqual([...servers].sort());
  });

  it.each(['kafka', 'postgres', 'eventstore'])('let %s be reached by its users only', (server) => {
    const peers = policyOf(`server-${server}`)?.spec.ingress.flatMap(({ from = [] }) => from) ?? [];
    const users = SERVICES.filter((service) => links[service]?.includes(server));
    expect(namesIn(peers, NAME)).toEqual(users.toSorted());
  });

  it('deny what no other one allows', () => {
    expect(policyOf('default-deny')?.spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    });
  });
});
