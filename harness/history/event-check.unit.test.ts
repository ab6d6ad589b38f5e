import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_CHECK_FILE, eventCheck } from '../dev/event-check.ts';
import type { HistoryEvent, Unrecorded } from './event.ts';
import { eventProblem } from './event-check.ts';
import { EVENT_SCHEMAS } from './event-schema.ts';
import { bareJsonSchemaOf, HISTORY_SCHEMA_PATH, historyJsonSchema } from './history-json-schema.ts';

const repository = new URL('../../', import.meta.url);
const good = readFileSync(
  fileURLToPath(new URL('harness/checker/testing/fixtures/good.jsonl', repository)),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as HistoryEvent);

/** Kinds that the good history has no event of. */
const COMPLETION = { operation: 'op-1', name: 'other', scenario: 'story' } as const;
const OTHERS = [
  { type: 'fail', ...COMPLETION, status: 409, code: 'out-of-stock' },
  { type: 'info', ...COMPLETION, status: 'UNAVAILABLE' },
  {
    type: 'wire-operation',
    operation: 'wire-1',
    link: 'inventory→kafka',
    protocol: 'kafka',
    name: 'kafka.produce',
    direction: 'outgoing',
    outcome: 'ok',
    startMs: 1,
    endMs: 2,
    attributes: { topic: 'inventory.events', key: 'order-1' },
    traceId: 'a'.repeat(32),
  },
  {
    type: 'fault',
    fault: 'fault-1',
    name: 'latency',
    what: 'landed',
    target: 'inventory→kafka',
    seed: '1',
    operation: 'wire-1',
    parameters: { latencyMs: 100 },
  },
  {
    type: 'load-sample',
    workload: 'place-order',
    startMs: 1,
    endMs: 2,
    sent: 10,
    received: 9,
    lost: 1,
    duplicated: 0,
    reordered: 0,
    latencyMs: { count: 9, p50: 1, p90: 2, p99: 3, max: 3 },
    histogram: { upToMs: [1, 10], counts: [4, 5, 0] },
  },
  {
    type: 'load-jobs',
    workload: 'load-fan-out',
    jobs: [{ jobId: 'job-1', userId: 'u-1' }],
  },
  {
    type: 'load-result',
    workload: 'load-fan-out',
    claims: 'every update reaches all sockets',
    limits: [{ name: 'deliveryP99Ms', limit: 300, value: 12.5, isKept: true }],
  },
  {
    type: 'resource-sample',
    of: 'service',
    instance: 'inventory-1',
    periodMs: 1_000,
    cpuCores: 0.5,
    rssBytes: 80_000_000,
    eventLoopDelayMs: { mean: 1, p99: 2, max: 3 },
  },
  {
    type: 'mail',
    receivedMs: 1,
    messageId: '<1@example.test>',
    from: 'orders@example.test',
    to: ['u-1@example.test'],
    subject: 'Your order is confirmed',
    text: 'We have charged $20.00.',
    headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
  },
  { type: 'log', instance: 'order-1', text: 'a token: ey…' },
  { type: 'process', instance: 'order-1', what: 'exited', pid: 7, exitCode: 1, unasked: true },
] satisfies Unrecorded[];
const events = [
  ...good,
  ...OTHERS.map((event, at) => ({ ...event, index: good.length + at, atMs: 1 })),
] as HistoryEvent[];

const requiredFields = ({ type }: HistoryEvent): string[] =>
  (bareJsonSchemaOf(EVENT_SCHEMAS[type])['required'] as string[]).filter(
    (field) => field !== 'type' && field !== 'index',
  );

describe('the check of an event', () => {
  it('accepts every kind of event', () => {
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(Object.keys(EVENT_SCHEMAS)));
    for (const event of events) expect(eventProblem(event)).toBeUndefined();
  });

  it('accepts a field that the schema does not name', () => {
    for (const event of events) {
      const extended = { ...event, future: 1 };
      expect(eventProblem(extended)).toBeUndefined();
    }
  });

  it('refuses an event without one of its required fields', () => {
    let cases = 0;
    for (const event of events) {
      for (const field of requiredFields(event)) {
        const { [field as 'atMs']: _, ...rest } = event;
        expect(eventProblem(rest as HistoryEvent), `${event.type} without ${field}`).toContain(
          `'${field}'`,
        );
        cases++;
      }
    }
    expect(cases).toBeGreaterThan(events.length);
  });

  it('agrees with the schema on an event with a field of another type', () => {
    const event = fc.constantFrom(...events);
    const wrong = fc.constantFrom<unknown>(null, true, -1, 1.5, '', 'x', [], {}, [1], { a: {} });
    fc.assert(
      fc.property(event, fc.nat(), wrong, (original, place, value) => {
        const fields = Object.keys(original).filter((name) => name !== 'type' && name !== 'index');
        const changed = { ...original, [fields[place % fields.length] as string]: value };
        const accepted = EVENT_SCHEMAS[original.type].safeParse(changed).success;
        expect(eventProblem(changed) === undefined).toBe(accepted);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is what the schema says: write it again with `pnpm generate`', () => {
    const written = readFileSync(fileURLToPath(new URL(EVENT_CHECK_FILE, repository)), 'utf8');
    expect(written).toBe(eventCheck());
  });
});

describe('docs/reference/history.schema.json', () => {
  const published = JSON.parse(readFileSync(HISTORY_SCHEMA_PATH, 'utf8')) as object;
  const validate: ValidateFunction = new Ajv2020({ allowUnionTypes: true }).compile(published);

  it('is what the schema says: write it again with `pnpm generate`', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(historyJsonSchema())));
  });

  it('accepts every kind of event, and refuses one of an unknown type', () => {
    for (const event of events) expect(validate(event), JSON.stringify(event)).toBe(true);
    expect(validate({ index: 1, atMs: 1, type: 'kafak' })).toBe(false);
  });
});
