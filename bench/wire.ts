import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressBook, LinkAddress } from '#harness/kernel/address-book.ts';
import { socketOf, wireControl } from '#harness/links/wire.ts';
import { openWireChannel } from '#harness/links/wire-channel.ts';
import type { WireRule } from '#harness/links/wire-rules.ts';
import { bootStack, type Stack } from '#harness/testbed/stack.ts';
import type { Bench, BenchOptions, Findings } from './bench.ts';
import { playLevel } from './saga.ts';
import { median, millis, times } from './stats.ts';
import { type Probe, probes } from './wire-probes.ts';

/**
 * Claims: decoding and recording a link costs no more than the proxy that every link has anyway.
 * Checks: the same request, one at a time, is sent directly, through Toxiproxy, and through the
 * wire proxy and Toxiproxy, in turns, so that what else the machine does is in all of them; then
 * again with rules that do not match. Sagas are played on a stack without the proxy and on one with
 * it.
 * Could be fooled: by a proxy that decodes nothing; each probe therefore requires that its
 * operations were recorded.
 */
const WARM_UP_ROUNDS = 300;
/** Requests in a row through one way, before the next way has its turn. */
const TURN_ROUNDS = 50;
const RULES = 100;
const SAGA_CONCURRENCY = 16;
const SAGA_WARM_UP = 100;

const ROUND_TRIP_MAX = 1;
const RULES_MAX = 1.3;
const SAGAS_MIN = 0.8;

interface RoundTrips {
  readonly name: string;
  readonly directMs: number;
  readonly toxiproxyMs: number;
  readonly wireMs: number;
  /** Added by the wire proxy, against Toxiproxy in the same turns. */
  readonly addedWithRulesMs: number;
}

export const wire: Bench = {
  name: 'wire',
  summary: 'round trip and saga throughput with the wire proxy, against Toxiproxy and without it',
  round: 'requests of each protocol through each way; a tenth as many sagas',
  rounds: 2_000,
  run: measureWire,
};

async function measureWire(options: BenchOptions): Promise<Findings> {
  const { installation, signal, note, rounds } = options;
  const sagas = Math.max(1, Math.round(rounds / 10));
  const boot = (on: boolean) => bootStack({ installation, fresh: true, signal, wire: on });
  let without: number;
  {
    await using stack = await boot(false);
    without = await sagasPerSecond(stack, sagas);
    note(`without the wire proxy: ${without.toFixed(1)} sagas/s`);
  }
  await using stack = await boot(true);
  const recording = mkdtempSync(join(tmpdir(), 'bench-wire-'));
  await using channel = await openWireChannel(socketOf(stack.addressBook));
  try {
    await channel.ask('record', { file: join(recording, 'operations.jsonl') });
    const withWire = await sagasPerSecond(stack, sagas);
    note(`with the wire proxy: ${withWire.toFixed(1)} sagas/s`);
    const trips: RoundTrips[] = [];
    for (const probe of probes(stack.addressBook)) {
      signal.throwIfAborted();
      trips.push(await measureProbe(stack.addressBook, probe, rounds));
      note(`${probe.name} measured`);
    }
    const { operations } = await channel.ask('stop', {});
    const sent = trips.length * rounds * 2;
    if (operations < sent) throw new Error(`${sent} requests, and ${operations} recorded`);
    return describe(trips, { without, with: withWire });
  } finally {
    rmSync(recording, { recursive: true, force: true });
  }
}

async function sagasPerSecond(stack: Stack, sagas: number): Promise<number> {
  await playLevel(stack, SAGA_CONCURRENCY, SAGA_WARM_UP);
  const { latenciesMs, wallMs } = await playLevel(stack, SAGA_CONCURRENCY, sagas);
  return latenciesMs.length / (wallMs / 1_000);
}

async function measureProbe(book: AddressBook, probe: Probe, rounds: number): Promise<RoundTrips> {
  const link = book.links.find(({ name }) => name === probe.link);
  const addresses = link && waysOf(link);
  if (!addresses) throw new Error(`${probe.link} has no wire proxy`);
  const [direct, toxiproxy, wired] = await inTurns(probe, addresses, rounds);
  await using control = wireControl(book);
  for (let index = 0; index < RULES; index += 1) await control.arm(ruleOf(probe, index));
  const [unchanged, withRules] = await inTurns(probe, addresses.slice(1), rounds);
  return {
    name: probe.name,
    directMs: median(direct as number[]),
    toxiproxyMs: median(toxiproxy as number[]),
    wireMs: median(wired as number[]),
    addedWithRulesMs: median(withRules as number[]) - median(unchanged as number[]),
  };
}

/** Directly, through Toxiproxy, and through both proxies. */
function waysOf({ hops, upstream }: LinkAddress): [string, string, string] | undefined {
  const [first, second] = hops;
  if (first?.kind !== 'wire' || second?.kind !== 'toxiproxy') return undefined;
  return [upstream, second.listen, first.listen];
}

/** Half of the rules name another attribute, half another content of the same operation. */
const ruleOf = ({ link, operation }: Probe, index: number): WireRule => ({
  ...{ link, operation, point: index % 4 < 2 ? 'request' : 'answer', action: { kind: 'hold' } },
  ...(index % 2 === 0
    ? { where: { topic: `none-${index}` } }
    : { contains: [`order-that-is-not-there-${index}`] }),
});

async function inTurns(
  probe: Probe,
  addresses: readonly string[],
  rounds: number,
): Promise<number[][]> {
  await using open = new AsyncDisposableStack();
  const ways = [];
  for (const address of addresses) {
    const ask = open.use(await probe.connect(address));
    ways.push({ ask, samplesMs: [] as number[] });
  }
  for (const { ask } of ways) for (let n = 0; n < WARM_UP_ROUNDS; n += 1) await ask.once();
  for (let done = 0; done < rounds; done += TURN_ROUNDS) {
    for (const { ask, samplesMs } of ways) {
      for (let n = 0; n < TURN_ROUNDS; n += 1) {
        const startedAt = performance.now();
        await ask.once();
        samplesMs.push(performance.now() - startedAt);
      }
    }
  }
  return ways.map(({ samplesMs }) => samplesMs);
}

function describe(
  trips: readonly RoundTrips[],
  sagas: { readonly without: number; readonly with: number },
): Findings {
  const rows = trips.map((trip) => {
    const toxiproxyMs = trip.toxiproxyMs - trip.directMs;
    const wireMs = trip.wireMs - trip.toxiproxyMs;
    const rulesMs = trip.addedWithRulesMs;
    return { name: trip.name, toxiproxyMs, wireMs, rulesMs, trip };
  });
  const worst = (pick: (row: (typeof rows)[number]) => number) => Math.max(...rows.map(pick));
  const overToxiproxy = worst(({ wireMs, toxiproxyMs }) => wireMs / toxiproxyMs);
  const overIdle = worst(({ rulesMs, wireMs }) => rulesMs / wireMs);
  const share = sagas.with / sagas.without;
  const target = (claim: string, seen: number, met: boolean) => ({ claim, seen: times(seen), met });
  return {
    title: 'The wire proxy',
    method:
      'One request at a time on a warm stack, decoded and recorded: directly, through Toxiproxy, ' +
      'through the wire proxy and Toxiproxy, in turns; medians. Then again with ' +
      `${RULES} armed rules about the same operation that do not match it.`,
    tables: [
      {
        head: ['added to a round trip', 'direct', 'Toxiproxy', 'wire proxy', `${RULES} rules`],
        rows: rows.map(({ name, trip, toxiproxyMs, wireMs, rulesMs }) => [
          name,
          millis(trip.directMs),
          ...[toxiproxyMs, wireMs, rulesMs].map((ms) => `+${millis(ms)}`),
        ]),
      },
      {
        head: [`${SAGA_CONCURRENCY} sagas at once`, 'sagas/s'],
        rows: [
          ['without the wire proxy', sagas.without.toFixed(1)],
          ['every link through it, recorded', sagas.with.toFixed(1)],
        ],
      },
    ],
    targets: [
      target(
        `adds at most ${times(ROUND_TRIP_MAX)} of what Toxiproxy adds`,
        overToxiproxy,
        overToxiproxy <= ROUND_TRIP_MAX,
      ),
      target(
        `adds at most ${times(RULES_MAX)} with ${RULES} rules`,
        overIdle,
        overIdle <= RULES_MAX,
      ),
      target(`leaves ${times(SAGAS_MIN)} of the sagas`, share, share >= SAGAS_MIN),
    ],
    figures: { overToxiproxy, overIdle, sagasShare: share },
  };
}
