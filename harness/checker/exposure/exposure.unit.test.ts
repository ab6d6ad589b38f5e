import { describe, expect, it } from 'vitest';
import type { HistoryEvent, Unrecorded } from '../../history/event.ts';
import { defineInvariant } from '../invariant.ts';
import { Exposure, type FaultCount } from './exposure.ts';
import type { FaultKind } from './fault-kinds.ts';

const T = 1_000_000;
type Timed = Unrecorded & { readonly atMs: number };

const link = (
  what: 'armed' | 'landed' | 'lifted',
  target: string,
  atMs: number,
  name = 'cut',
): Timed => ({
  ...{ type: 'fault', fault: `${name} ${target}`, name, what, target, seed: 's', atMs },
});
const process = (
  instance: string,
  what: 'signalled' | 'exited' | 'ready',
  atMs: number,
  signal?: string,
): Timed => ({
  ...{ type: 'process', instance, what, atMs },
  ...(signal === undefined ? {} : { signal }),
});
const span = (service: string, startMs: number): Timed => ({
  ...{ type: 'span', traceId: 't', spanId: 's', name: 'n', kind: 'server', service },
  ...{ startMs, endMs: startMs + 1, attributes: {}, atMs: startMs },
});
const record = (topic: string, atMs: number): Timed => ({
  ...{ type: 'kafka', topic, partition: 0, offset: '0', key: 'k', headers: {}, atMs },
  timestampMs: atMs,
});

const promise = (
  name: string,
  reads: ReadonlyArray<HistoryEvent['type']>,
  concerns?: string[],
) => ({
  invariant: defineInvariant({
    ...{ name, promise: 'p', needs: [], reads },
    ...(concerns === undefined ? {} : { concerns }),
    start: () => ({
      observe: () => undefined,
      finish: () => ({ looked: 1, violations: [], found: 0 }),
    }),
  }),
  result: { name, promise: 'p', verdict: 'valid' as const, looked: 1 },
});

function exposureOf(
  service: string,
  events: readonly Timed[],
  promises: Array<ReturnType<typeof promise>> = [],
  republished = false,
) {
  const exposure = new Exposure();
  events.forEach((event, index) => {
    exposure.observe({ ...event, index } as HistoryEvent, republished);
  });
  const found = exposure.finish(promises, undefined).find((one) => one.service === service);
  if (found === undefined) throw new Error(`no exposure of ${service}`);
  const cell = (fault: FaultKind, of?: string): FaultCount | undefined =>
    found.faults.find((one) => one.fault === fault && one.link === of);
  return { ...found, cell };
}

describe('the exposure of a service', () => {
  it('has an empty cell for each fault and link that nothing hit', () => {
    const { cell, faults } = exposureOf('websocket', []);
    for (const name of ['auth', 'redis', 'kafka', 'registry']) {
      expect(cell('cut', `websocket→${name}`)).toMatchObject({ landed: 0, withWork: 0 });
    }
    expect(faults.map(({ fault }) => fault)).toEqual(
      expect.arrayContaining([
        'kill',
        'restart',
        'pause',
        'latency',
        'redelivery',
        'expired-token',
      ]),
    );
    expect(cell('kill')).toEqual({ fault: 'kill', landed: 0, withWork: 0 });
  });

  it('counts a kill as hit at work only if work had just arrived, or arrives meanwhile', () => {
    const killed = [
      process('order-1', 'signalled', T, 'SIGKILL'),
      process('order-1', 'exited', T + 1, 'SIGKILL'),
      process('order-1', 'ready', T + 2_000),
    ];
    expect(exposureOf('order', killed).cell('kill')).toMatchObject({ landed: 1, withWork: 0 });
    for (const work of [T - 500, T + 1_500]) {
      const { cell } = exposureOf('order', [...killed, record('inventory.events', work)]);
      expect(cell('kill')).toMatchObject({ landed: 1, withWork: 1 });
      expect(cell('restart')).toMatchObject({ landed: 0 });
    }
    const late = exposureOf('order', [...killed, record('inventory.events', T + 2_500)]);
    expect(late.cell('kill')).toMatchObject({ withWork: 0 });
  });

  it('tells a stop from a kill and from an end that was not requested', () => {
    const stopped = process('order-1', 'exited', T);
    expect(exposureOf('order', [stopped]).cell('restart')).toMatchObject({ landed: 1 });
    const crashed = { ...stopped, unasked: true } as Timed;
    expect(exposureOf('order', [crashed]).cell('restart')).toMatchObject({ landed: 0 });
  });

  it('counts a cut only if it landed, and for the one link that it hit', () => {
    const armed = [link('armed', 'order→kafka', T), link('lifted', 'order→kafka', T + 900)];
    expect(exposureOf('order', armed).cell('cut', 'order→kafka')).toMatchObject({ landed: 0 });
    const cut = [link('landed', 'order→kafka', T), link('lifted', 'order→kafka', T + 900)];
    const { cell } = exposureOf('order', [...cut, span('order', T + 500)]);
    expect(cell('cut', 'order→kafka')).toMatchObject({ landed: 1, withWork: 1 });
    expect(cell('cut', 'order→eventstore')).toMatchObject({ landed: 0 });
    const idle = exposureOf('order', [...cut, span('order', T + 1_500)]);
    expect(idle.cell('cut', 'order→kafka')).toMatchObject({ landed: 1, withWork: 0 });
  });

  it('takes a fault of one operation as hit at work, and a server that is away as cut links', () => {
    const error = link('landed', 'query→mongodb', T, 'answer-error');
    expect(exposureOf('query', [error]).cell('error', 'query→mongodb')).toMatchObject({
      withWork: 1,
    });
    const away = [process('redis', 'signalled', T, 'SIGKILL'), span('websocket', T + 10)];
    expect(exposureOf('websocket', away).cell('cut', 'websocket→redis')).toMatchObject({
      withWork: 1,
    });
  });

  it('counts redeliveries for the consumers of the topic, and expired tokens', () => {
    const again = [record('order.events', T)];
    expect(exposureOf('query', again, [], true).cell('redelivery')).toMatchObject({ withWork: 1 });
    expect(exposureOf('payment', again, [], true).cell('redelivery')).toMatchObject({ landed: 0 });
    const socket = { socket: 's', scenario: 'a', userId: 'u', node: 'websocket-2' } as const;
    const closed = {
      ...{ type: 'ws', ...socket, what: 'closed', closeCode: 4001, atMs: T },
    } as Timed;
    expect(exposureOf('websocket', [closed]).cell('expired-token')).toMatchObject({ landed: 1 });
    expect(exposureOf('auth', [closed]).cell('expired-token')).toMatchObject({ landed: 1 });
  });

  it('names the promises that had evidence while a fault acted, and those that had none', () => {
    const promises = [
      promise('of-records', ['kafka'], ['order']),
      promise('of-sockets', ['ws'], ['order']),
      promise('of-another', ['kafka'], ['query']),
    ];
    const cut = [link('landed', 'order→kafka', T), link('lifted', 'order→kafka', T + 900)];
    const { judged, notJudged } = exposureOf(
      'order',
      [...cut, record('order.events', T + 100)],
      promises,
    );
    expect({ judged, notJudged }).toEqual({ judged: ['of-records'], notJudged: ['of-sockets'] });
    expect(exposureOf('order', [record('order.events', T)], promises).judged).toEqual([]);
  });
});
