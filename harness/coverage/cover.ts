import { readTopicTable } from '#contracts/spec/topics.ts';
import type { HistoryEvent } from '../history/event.ts';
import { HistoryError, readAsFar, readHistory } from '../history/read-history.ts';
import { SERVICES } from '../kernel/address-book.ts';
import { type LoadedPact, readPacts } from '../pacts/pact-file.ts';
import { type Comparison, compare } from './compare.ts';
import { contractedIn, topicsRead } from './contracted.ts';
import { documented } from './documented.ts';
import { factsOf, NEEDED_SOURCES } from './history-facts.ts';
import { ANYBODY, type Item, Ledger } from './item.ts';
import { type OutsideReaders, seenInHistory } from './seen-in-history.ts';
import { type Minimum, type Threshold, thresholdsOf } from './thresholds.ts';
import { readUnread } from './unread.ts';
import { readWireLogs, type WireLogs } from './wire-log.ts';

export interface CoverageOptions {
  /** Paths of histories; what was seen in any of them was seen. */
  readonly histories: readonly string[];
  /** Folder of pacts. */
  readonly pacts: string;
  /** Folder of wire logs. */
  readonly wire: string;
  /** Folder of what contract tests proved to be unread. */
  readonly unread?: string;
  readonly minimum: Minimum;
}

export interface Coverage extends Comparison {
  readonly verdict: 'valid' | 'invalid' | 'unknown';
  /** Why it is unknown. */
  readonly reasons: readonly string[];
  readonly thresholds: readonly Threshold[];
  readonly sources: ReadonlyArray<{
    readonly kind: 'history' | 'wire' | 'pact';
    readonly path: string;
  }>;
}

/** Compares what crossed the wire with what contracts contain. */
export function coverageOf(options: CoverageOptions): Coverage {
  const pacts = readPacts(options.pacts);
  const seen = new Ledger();
  const outside = outsideReaders(pacts);
  const reasons = options.histories.flatMap((path) => see(path, outside, seen));
  if (seen.all.length === 0 && reasons.length === 0) reasons.push('nothing crossed the wire');
  const wire = readWireLogs(options.wire);
  const comparison = compare({
    seen,
    verified: wire.seen,
    contracted: contractedIn(pacts),
    documented: documented(),
    isUnread: readUnread(options.unread),
    unobservable: (item) => unobservable(item, wire),
  });
  reasons.push(...wire.problems);
  if (options.minimum.fields !== undefined) reasons.push(...lackingWire(comparison));
  const thresholds = thresholdsOf(comparison.rows, options.minimum);
  const isMissed = thresholds.some(({ met }) => !met);
  return {
    ...comparison,
    verdict: reasons.length > 0 ? 'unknown' : isMissed ? 'invalid' : 'valid',
    reasons,
    thresholds,
    sources: [
      ...options.histories.map((path) => ({ kind: 'history', path }) as const),
      ...wire.files.map((path) => ({ kind: 'wire', path }) as const),
      ...pacts.map(({ file }) => ({ kind: 'pact', path: file }) as const),
    ],
  };
}

/** Reads one history into the ledger; answers why it does not show everything, if it does not. */
function see(path: string, outside: OutsideReaders, seen: Ledger): string[] {
  let problem: string | undefined;
  const read = function* (): Generator<HistoryEvent> {
    try {
      yield* readHistory(path);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      problem = error.message;
    }
  };
  const facts = factsOf(read());
  seenInHistory(readAsFar(path), facts, outside, seen);
  if (problem !== undefined) return [problem];
  return NEEDED_SOURCES.filter((source) => facts.closed.get(source) !== 'complete').map(
    (source) =>
      `${path}: the source ${source} is ${facts.closed.get(source) ?? 'absent'}: what was not seen may have happened`,
  );
}

const IN_THE_SYSTEM: ReadonlySet<string> = new Set(SERVICES);

/**
 * Who is said to read a topic besides the services of the system, whose reading spans show. For
 * them the witness reads: what it got they would have got.
 */
function outsideReaders(pacts: readonly LoadedPact[]): OutsideReaders {
  const read = topicsRead(pacts);
  const readers = new Map(
    readTopicTable().topics.map(({ name, consumers }) => {
      const contracted = [...read].filter(([, topics]) => topics.has(name)).map(([who]) => who);
      const all = new Set([...consumers, ...contracted]);
      const outside = [...all].filter((consumer) => !IN_THE_SYSTEM.has(consumer));
      return [name, all.size === 0 ? [ANYBODY] : outside];
    }),
  );
  return { of: (topic) => readers.get(topic) ?? [] };
}

const RECORDED: ReadonlySet<string> = new Set(['http', 'grpc', 'kafka', 'ws', 'any']);
const NO_WIRE_LOG = 'no wire log of this provider: run `pnpm sagaproof contracts verify`';

/** What no source shows, and why. */
function unobservable(
  { kind, protocol, provider, name = '' }: Item,
  { providers }: WireLogs,
): string | undefined {
  if (!RECORDED.has(protocol)) return `nothing records ${protocol}`;
  if (kind !== 'fields') return undefined;
  if (protocol === 'http' && name.includes('.header.')) return 'a history has no headers of HTTP';
  if (protocol !== 'grpc') return undefined;
  if (name.startsWith('request.')) return 'nothing records what services ask over gRPC';
  return providers.has(provider) ? undefined : NO_WIRE_LOG;
}

function lackingWire({ unobserved }: Comparison): string[] {
  const lacking = unobserved.filter(({ note }) => note === NO_WIRE_LOG);
  const providers = [...new Set(lacking.map(({ provider }) => provider))];
  return providers.map((provider) => `${provider}: what it answers over gRPC: ${NO_WIRE_LOG}`);
}
