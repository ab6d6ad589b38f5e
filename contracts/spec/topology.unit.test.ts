import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseTopology, readTopology } from './topology.ts';

const TOPICS = `
compatibilityDefault: FULL
deadLetter: { partitions: 1, retentionMs: 1000 }
topics:
  - name: bill.events
    key: billId
    partitions: 1
    retentionMs: 1000
    compatibility: FULL
    producers: [billing]
    consumers: [ledger]
`;
const TOPOLOGY = `
infrastructure:
  kafka: { linkedBy: topics }
  postgres: {}
  oidc: { runsWith: services }
services:
  entry: { ports: [http], calls: [billing], uses: [oidc] }
  billing: { ports: [grpc], grpc: bills.v1.Bills, stores: [postgres], outbox: true }
  ledger: { ports: [admin] }
`;

function parsed(topology: string, topics = TOPICS) {
  return parseTopology(
    { file: 'topology.yaml', text: topology.trimStart() },
    { file: 'topics.yaml', text: topics.trimStart() },
  );
}
const problemsOf = (topology: string, topics?: string): string => {
  try {
    parsed(topology, topics);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no problem';
};
const edited = (from: string, to: string): string => {
  expect(TOPOLOGY).toContain(from);
  return problemsOf(TOPOLOGY.replace(from, to));
};

describe('links', () => {
  it('follow from calls, stores, topics and other servers', () => {
    expect(parsed(TOPOLOGY).links).toEqual({
      entry: ['billing', 'oidc'],
      billing: ['postgres', 'kafka'],
      ledger: ['kafka'],
    });
  });
});

describe('an invalid topology is refused with the line and the fix', () => {
  it.each([
    [
      'a call to an unknown service',
      ['calls: [billing]', 'calls: [biling]'],
      'topology.yaml:6: services.entry.calls[0]: there is no service biling; fix: write billing',
    ],
    [
      'a store that does not exist',
      ['stores: [postgres]', 'stores: [postgres, oracle]'],
      'topology.yaml:7: services.billing.stores[1]: there is no server oracle; fix: write one of kafka, postgres, oidc',
    ],
    [
      'a need that does not exist',
      ['postgres: {}', 'postgres: { needs: [disk] }'],
      'topology.yaml:3: infrastructure.postgres.needs[0]: there is no server disk; fix: write one of kafka, postgres, oidc',
    ],
    [
      'a call to a service without gRPC',
      ['calls: [billing]', 'calls: [ledger]'],
      'topology.yaml:6: services.entry.calls[0]: ledger serves no gRPC; fix: add services.ledger.grpc',
    ],
    [
      'a dependency that is listed twice',
      ['uses: [oidc]', 'uses: [oidc, oidc]'],
      'topology.yaml:6: services.entry.uses[1]: oidc is listed twice; fix: remove one',
    ],
    [
      'an outbox without Postgres',
      ['stores: [postgres]', 'stores: []'],
      'topology.yaml:7: services.billing.outbox: an outbox needs Postgres; fix: add postgres to stores',
    ],
    [
      'gRPC without its port',
      ['ports: [grpc]', 'ports: [http]'],
      'topology.yaml:7: services.billing.grpc: no port is named grpc; fix: add grpc to ports',
    ],
    [
      'a service with the name of a server',
      ['ledger:', 'kafka:'],
      'topology.yaml:8: services.kafka: there is also a server kafka; fix: rename one of them',
    ],
    [
      'an unknown key',
      ['ports: [admin]', 'ports: [admin], queue: x'],
      'topology.yaml:8: services.ledger.queue: is not a known key; fix: remove it or correct its spelling',
    ],
    [
      'a key that is missing',
      ['{ ports: [admin] }', '{}'],
      'topology.yaml:8: services.ledger.ports: is missing; fix: add it',
    ],
    [
      'a value that is not allowed',
      ['runsWith: services', 'runsWith: service'],
      'topology.yaml:4: infrastructure.oidc.runsWith: service is not allowed; fix: write services',
    ],
    [
      'a service that is listed twice',
      ['ledger:', 'billing:'],
      'topology.yaml:8: Map keys must be unique; fix: correct the YAML',
    ],
  ])('%s', (_, [from = '', to = ''], problem) => {
    expect(edited(from, to).split('\n')).toContain(problem);
  });

  it('a topic with an unknown service, at its line in topics.yaml', () => {
    expect(problemsOf(TOPOLOGY, TOPICS.replace('[ledger]', '[leger]'))).toBe(
      'topics.yaml:10: topics[0].consumers[0]: there is no service leger; fix: write ledger',
    );
  });

  it('all problems at once', () => {
    const two = TOPOLOGY.replace('[billing]', '[biling]').replace('[oidc]', '[odic]');
    expect(problemsOf(two).split('\n')).toHaveLength(2);
  });
});

describe('the topology of this system', () => {
  const { services, links } = readTopology();

  it('names documents that exist', () => {
    const documents = Object.values(services).flatMap(({ openapi, asyncapi }) => [
      openapi,
      asyncapi,
    ]);
    for (const file of documents.filter((name) => name !== undefined)) {
      expect(existsSync(new URL(`../../${file}`, import.meta.url)), file).toBe(true);
    }
  });

  it.each(Object.keys(services))('has the links of %s that its canvas lists', (name) => {
    const file = new URL(`../../reference-services/${name}/README.md`, import.meta.url);
    const [, needs = ''] = /^\| needs +\|(.*)\|$/m.exec(readFileSync(file, 'utf8')) ?? [];
    const listed = [...needs.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]);
    expect(listed.toSorted()).toEqual(links[name]?.toSorted());
  });

  it.each(Object.keys(services))('has %s as its reference implementation is run', (name) => {
    const file = new URL(
      `../../reference-services/${name}/sagaproof.service.yaml`,
      import.meta.url,
    );
    const { ports, instances = 1, env } = parse(readFileSync(file, 'utf8'));
    const service = services[name];
    expect({ ports, instances }).toEqual({ ports: service?.ports, instances: service?.instances });
    const placeholders = Object.values<unknown>(env).join(' ');
    const linked = [...placeholders.matchAll(/\$\{link\.([a-z-]+)\}/g)].map((match) => match[1]);
    const withDatabase = placeholders.includes('${' + 'db.url}') ? [...linked, 'postgres'] : linked;
    expect(withDatabase.toSorted()).toEqual(links[name]?.toSorted());
  });
});
