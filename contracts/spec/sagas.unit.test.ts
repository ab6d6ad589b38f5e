import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { JobKind, JobState } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { OrderService, OrderStatus } from '#proto/sagaproof/order/v1/order_pb.js';
import { parseSagas, readSagas, SAGAS_PATH } from './sagas.ts';
import { TOPIC_TABLE_PATH } from './topics.ts';
import { TOPOLOGY_PATH } from './topology.ts';

const text = (path: string | URL): string => readFileSync(path, 'utf8');
const original = text(SAGAS_PATH);

/** The problems that this edit of our own sagas leads to, without their line numbers. */
function problemsAfter(from: string | RegExp, to: string): string[] {
  const edited = original.replace(from, to);
  expect(edited).not.toBe(original);
  try {
    parseSagas({
      sagas: { file: 'sagas.yaml', text: edited },
      topology: { file: 'topology.yaml', text: text(TOPOLOGY_PATH) },
      topics: { file: 'topics.yaml', text: text(TOPIC_TABLE_PATH) },
    });
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}
const withoutLines = (problems: readonly string[]): string[] =>
  problems.map((problem) => problem.replace(/^sagas\.yaml:\d+: /, ''));

describe('invalid sagas are refused with the fix', () => {
  it.each([
    [
      'a step without a reply',
      [/ +done: StockReserved\n/, ''],
      'sagas[0].steps[0].done: is missing; fix: add it',
    ],
    [
      'a step that is listed twice',
      ['name: AUTHORIZE_PAYMENT', 'name: RESERVE_STOCK'],
      'sagas[0].steps[1].name: the step RESERVE_STOCK is listed twice; fix: rename one',
    ],
    [
      'a saga that is listed twice',
      ['name: CANCEL_ORDER', 'name: PLACE_ORDER'],
      'sagas[1].name: the saga PLACE_ORDER is listed twice; fix: rename one',
    ],
    [
      'an unknown participant',
      ['participant: inventory', 'participant: inventry'],
      'sagas[0].steps[0].participant: there is no participant inventry; fix: write inventory',
    ],
    [
      'a participant that is no service',
      ['  inventory: {', '  inventry: {'],
      'participants.inventry: there is no service inventry; fix: write inventory',
    ],
    [
      'an unknown orchestrator',
      ['orchestrator: order', 'orchestrator: odrer'],
      'sagas[0].orchestrator: there is no orchestrator odrer; fix: write order',
    ],
    [
      'an unknown topic',
      ['replies: payment.events', 'replies: payment.event'],
      'participants.payment.replies: there is no topic payment.event; fix: write payment.events',
    ],
    [
      'a topic of another service',
      ['replies: payment.events', 'replies: shipping.events'],
      'participants.payment.replies: payment is not among the producers of shipping.events in topics.yaml; fix: add it there or name another topic',
    ],
    [
      'a saga that undoes an unknown one',
      ['undoes: PLACE_ORDER', 'undoes: PLACE_ORDERS'],
      'sagas[1].undoes: there is no other saga PLACE_ORDERS; fix: write PLACE_ORDER',
    ],
    [
      'a saga without a pivot',
      [/ +pivot: true\n/, ''],
      'sagas[0].steps: PLACE_ORDER has no pivot; fix: write `pivot: true` in one step',
    ],
    [
      'a saga with two pivots',
      ['retriedUntilDone: true', 'retriedUntilDone: true\n        pivot: true'],
      'sagas[0].steps[3].pivot: PLACE_ORDER has two pivots; fix: keep one',
    ],
    [
      'a step before the pivot that cannot be undone',
      [/onTimeout: compensate\n +compensation: .*ReleaseStock.*\n/, 'onTimeout: resend\n'],
      'sagas[0].steps[0]: RESERVE_STOCK comes before the pivot and cannot be undone; fix: add a compensation',
    ],
    [
      'a step after the pivot that may fail',
      [/(RefundPayment\n.*\n) +retriedUntilDone: true\n/, '$1'],
      'sagas[1].steps[1]: REFUND_PAYMENT comes after the pivot and may fail; fix: add `retriedUntilDone: true`',
    ],
    [
      'a step that is undone after a time-out and has no compensation',
      [/(done: PaymentRefunded\n.*\n +onTimeout:) resend/, '$1 compensate'],
      'sagas[1].steps[1].onTimeout: REFUND_PAYMENT has no compensation; fix: add one or write `onTimeout: resend`',
    ],
    [
      'a step that is retried until it is done and can be refused',
      ['done: PaymentCaptured', 'done: PaymentCaptured\n        refused: PaymentDeclined'],
      'sagas[0].steps[3].refused: CAPTURE_PAYMENT is retried until it is done, so it cannot be refused; fix: remove `refused` or `retriedUntilDone`',
    ],
    [
      'a step that fails and is not retried',
      ['refused: StockReservationRefused', 'failed: StockReservationRefused'],
      'sagas[0].steps[0].failed: RESERVE_STOCK is not retried after StockReservationRefused; fix: add `retriedUntilDone: true` or write `refused` instead',
    ],
    [
      'an event that ends two sagas',
      ['event: OrderCancelled,', 'event: OrderApproved,'],
      'sagas[1].outcomes.succeeded.event: OrderApproved starts or ends a saga already; fix: name another event',
    ],
  ] as const)('%s', (_, [from, to], problem) => {
    expect(withoutLines(problemsAfter(from, to))).toContain(problem);
  });

  it('at the line of the problem', () => {
    const line = original.split('\n').findIndex((one) => one.includes('undoes: PLACE_ORDER')) + 1;
    const [problem] = problemsAfter('undoes: PLACE_ORDER', 'undoes: PLACE');
    expect(problem).toMatch(new RegExp(`^sagas\\.yaml:${line}: `));
  });
});

interface AvroType {
  readonly name: string;
  readonly symbols?: readonly string[];
  readonly fields?: ReadonlyArray<{ readonly name: string; readonly type: unknown }>;
}
const avro = (topic: string): AvroType =>
  JSON.parse(text(new URL(`../../avro/${topic}.avsc`, import.meta.url)));
function unionOf(topic: string): string[] {
  const payload = avro(topic).fields?.find(({ name }) => name === 'payload');
  return ((payload?.type ?? []) as AvroType[]).map(({ name }) => name);
}

/** Symbols of the enums in a schema, by their names. */
function enumsOf(type: unknown, found: Record<string, readonly string[]> = {}) {
  if (typeof type !== 'object' || type === null) return found;
  const { name, symbols } = type as AvroType;
  if (symbols !== undefined) found[name] = symbols;
  for (const part of Object.values(type)) enumsOf(part, found);
  return found;
}
const without = (symbols: readonly string[] = [], ...left: readonly string[]): string[] =>
  symbols.filter((symbol) => !left.includes(symbol)).toSorted();

describe('the sagas of this system', () => {
  const sagas = readSagas();

  it.each(sagas.flatMap(({ steps }) => steps))('$name: its messages are in the schemas', (step) => {
    const { command, replies, compensation } = step;
    const { topic, ...types } = replies;
    const commands = [command.type, compensation?.command].filter((type) => type !== undefined);
    expect(unionOf(command.topic)).toEqual(expect.arrayContaining(commands));
    const { command: _, ...undone } = compensation ?? {};
    expect(unionOf(topic)).toEqual(
      expect.arrayContaining([...Object.values(types), ...Object.values(undone)]),
    );
  });

  it('use every command that the schemas have', () => {
    const steps = sagas.flatMap((saga) => saga.steps);
    const used = steps.flatMap(({ command, compensation }) => [
      command.type,
      compensation?.command,
    ]);
    const topics = new Set(steps.map(({ command }) => command.topic));
    const defined = [...topics].flatMap(unionOf);
    expect(defined.filter((type) => !used.includes(type))).toEqual([]);
  });

  it('give every event of the orchestrator a meaning', () => {
    for (const events of new Set(sagas.map((saga) => saga.events))) {
      const said = sagas
        .filter((saga) => saga.events === events)
        .flatMap(({ started, progress, outcomes }) => [
          started,
          ...Object.values(progress),
          ...Object.values(outcomes),
        ])
        .map(({ event }) => event);
      expect([...new Set(said)].toSorted()).toEqual(unionOf(events).toSorted());
    }
  });

  it('have the names of sagas and steps that the schemas have', () => {
    const { Saga, SagaStep } = enumsOf(avro('order.events'));
    expect(sagas.map(({ name }) => name).toSorted()).toEqual(without(Saga));
    const steps = sagas.flatMap((saga) => saga.steps.map(({ name }) => name));
    expect(steps.toSorted()).toEqual(without(SagaStep, 'UNKNOWN'));
    for (const { name } of sagas) expect(JobKind).toHaveProperty(name);
  });

  it('become updates of jobs as the schemas have them', () => {
    const { JobUpdateKind, JobState: states = [] } = enumsOf(avro('job.updates'));
    const updates = sagas.flatMap(({ started, progress, outcomes, participantEvents }) => [
      started.job,
      participantEvents,
      ...[...Object.values(progress), ...Object.values(outcomes)].map(({ job }) => job),
    ]);
    // A job that is forgotten was ended by no event.
    const kinds = without(JobUpdateKind, 'UNKNOWN', 'EXPIRED');
    expect([...new Set(updates.map(({ update }) => update))].toSorted()).toEqual(kinds);
    for (const { state } of updates) {
      expect(states).toContain(state);
      expect(JobState).toHaveProperty(state);
    }
  });

  it('are started by operations that exist', () => {
    const openapi = parse(text(new URL('./openapi.yaml', import.meta.url)));
    for (const { trigger, status, outcomes } of sagas) {
      const [method = '', path = ''] = trigger.http.split(' ');
      expect(openapi.paths[path]).toHaveProperty(method.toLowerCase());
      expect(OrderService.methods.map(({ name }) => name)).toContain(trigger.rpc);
      for (const one of [status, outcomes.succeeded.status, outcomes.failed.status]) {
        if (one !== undefined) expect(OrderStatus).toHaveProperty(one);
      }
    }
  });

  it('wait as long for a reply as the reference service does', () => {
    const file = new URL('../../reference-services/order/sagaproof.service.yaml', import.meta.url);
    const { env } = parse(text(file));
    const timeouts = sagas.flatMap(({ steps }) => steps.map(({ timeoutMs }) => timeoutMs));
    expect([...new Set(timeouts)]).toEqual([env.STEP_TIMEOUT_MS]);
  });
});
