import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { TOPOLOGY } from '#contracts/spec/topology.generated.ts';
import type { Topology } from '#contracts/spec/topology.ts';
import { INFRASTRUCTURE, SERVICES } from '../kernel/address-book.ts';
import { packageAsset } from '../kernel/package-assets.ts';
import { deploymentOutputs } from './outputs.ts';

const outputs = deploymentOutputs();
const services: Topology['services'] = TOPOLOGY.services;
const Compose = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({
      profiles: z.array(z.string()),
      ports: z.array(z.string()).default([]),
      environment: z.record(z.string(), z.string()).default({}),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
    }),
  ),
});
const compose = Compose.parse(parse(outputs['compose/compose.yaml'] ?? '')).services;

describe('generated deployment files', () => {
  it.each(Object.keys(outputs))('%s is current (`pnpm generate`)', (path) => {
    expect(readFileSync(packageAsset(path), 'utf8')).toBe(outputs[path]);
  });
});

describe('compose.yaml', () => {
  it('has every server, and every service with each of its instances', () => {
    const instances = SERVICES.flatMap((name) => {
      const count = services[name]?.instances ?? 1;
      return count === 1 ? [name] : Array.from({ length: count }, (_, n) => `${name}-${n + 1}`);
    });
    expect(Object.keys(compose)).toEqual(expect.arrayContaining([...INFRASTRUCTURE, ...instances]));
  });

  it.each(SERVICES)('starts the servers of %s, and no service, under its profile', (name) => {
    const started = Object.keys(compose).filter((one) => compose[one]?.profiles.includes(name));
    const stores = services[name]?.stores ?? [];
    expect(started).toEqual(expect.arrayContaining([...stores, 'otlp']));
    expect(started.filter((one) => services[one] !== undefined)).toEqual([]);
  });

  it('starts everything under `system`, and waits for nothing that its profile lacks', () => {
    for (const [name, { profiles, depends_on }] of Object.entries(compose)) {
      expect(profiles, name).toContain('system');
      for (const needed of Object.keys(depends_on)) {
        expect(compose[needed]?.profiles, `${name} → ${needed}`).toEqual(
          expect.arrayContaining(profiles),
        );
      }
    }
  });

  it('publishes each port once, on loopback', () => {
    const published = Object.values(compose).flatMap(({ ports }) => ports);
    expect(published.length).toBeGreaterThan(20);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    const hostPorts = published.map((port) => port.split(':')[1]);
    expect(new Set(hostPorts).size).toBe(hostPorts.length);
  });

  it('fills in every placeholder of the manifests', () => {
    const values = Object.values(compose).flatMap(({ environment }) => Object.values(environment));
    expect(values.filter((value) => /\$\{(?!SAGAPROOF_)/.test(value))).toEqual([]);
  });
});
