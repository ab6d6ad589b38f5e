import { TOPICS } from '#contracts/spec/topics.generated.ts';
import type { HistoryEvent } from '../../history/event.ts';
import { MAIL_SERVICES, REST_SERVICE, SOCKET_SERVICE, storeUsers } from '../../kernel/system.ts';

type EventType = HistoryEvent['type'];

/** Types of events that show a service at work; each is one bit. */
const WORK = [
  ...(['kafka', 'eventstore', 'span', 'ws', 'mail', 'wire-operation'] as const),
  ...(['invoke', 'ok', 'fail', 'info'] as const),
] satisfies readonly EventType[];
/** Types that are evidence about a service, and appear also when it has nothing to do. */
const ATTENDANT = ['health', 'metrics', 'state', 'log'] satisfies readonly EventType[];

const BITS: Readonly<Partial<Record<EventType, number>>> = Object.fromEntries(
  [...WORK, ...ATTENDANT].map((type, place) => [type, 1 << place]),
);
const WORK_MASK = (1 << WORK.length) - 1;

/** Fine enough for a process that is away for some hundred milliseconds. */
const BUCKET_MS = 100;

const USERS_OF_TOPIC: ReadonlyMap<string, readonly string[]> = new Map(
  TOPICS.map(({ name, producers, consumers }) => [name, [...producers, ...consumers]]),
);
const STREAM_OWNERS = storeUsers('eventstore');

/** Which service had work when, by what the history shows of it: one mask for each bucket. */
export class Activity {
  readonly #of = new Map<string, Map<number, number>>();
  /** Types of events without a time of their own, such as end states. */
  readonly #atEnd = new Map<string, number>();

  observe(event: HistoryEvent): void {
    switch (event.type) {
      case 'kafka':
        for (const service of USERS_OF_TOPIC.get(event.topic) ?? []) {
          this.#note(service, event.type, event.timestampMs);
        }
        break;
      case 'span':
        this.#note(event.service, event.type, event.startMs);
        break;
      case 'eventstore':
        for (const service of STREAM_OWNERS) this.#note(service, event.type, event.atMs);
        break;
      case 'ws':
        this.#note(SOCKET_SERVICE, event.type, event.atMs);
        break;
      case 'mail':
        for (const service of MAIL_SERVICES) this.#note(service, event.type, event.receivedMs);
        break;
      case 'wire-operation':
        this.#note(event.link.replace(/→.*/, ''), event.type, event.startMs);
        break;
      case 'invoke':
      case 'ok':
      case 'fail':
      case 'info':
        this.#note(REST_SERVICE, event.type, event.atMs);
        break;
      case 'health':
      case 'metrics':
      case 'log':
        this.#note(event.instance.replace(/-\d+$/, ''), event.type, event.atMs);
        break;
      case 'state':
        this.#atEnd.set(event.service, (this.#atEnd.get(event.service) ?? 0) | bitOf(event.type));
        break;
    }
  }

  /** Whether a service had work within a time. */
  hadWork(service: string, fromMs: number, untilMs: number): boolean {
    return (this.#mask(service, fromMs, untilMs) & WORK_MASK) !== 0;
  }

  /** Whether there are events of one of these types about a service within a time. */
  hasEvidence(
    service: string,
    types: readonly EventType[],
    fromMs: number,
    untilMs: number,
  ): boolean {
    const wanted = types.reduce((mask, type) => mask | bitOf(type), 0);
    const atEnd = this.#atEnd.get(service) ?? 0;
    return ((this.#mask(service, fromMs, untilMs) | atEnd) & wanted) !== 0;
  }

  #mask(service: string, fromMs: number, untilMs: number): number {
    const buckets = this.#of.get(service);
    if (buckets === undefined) return 0;
    let mask = 0;
    const last = bucketOf(untilMs);
    // A fault that is never lifted lasts to the end; there are fewer buckets than milliseconds.
    if (last - bucketOf(fromMs) > buckets.size) {
      for (const [bucket, of] of buckets) {
        if (bucket >= bucketOf(fromMs) && bucket <= last) mask |= of;
      }
      return mask;
    }
    for (let bucket = bucketOf(fromMs); bucket <= last; bucket++) mask |= buckets.get(bucket) ?? 0;
    return mask;
  }

  #note(service: string, type: EventType, atMs: number): void {
    let buckets = this.#of.get(service);
    if (buckets === undefined) {
      buckets = new Map();
      this.#of.set(service, buckets);
    }
    const bucket = bucketOf(atMs);
    const before = buckets.get(bucket) ?? 0;
    const after = before | bitOf(type);
    if (after !== before) buckets.set(bucket, after);
  }
}

const bucketOf = (ms: number): number => Math.floor(ms / BUCKET_MS);
const bitOf = (type: EventType): number => BITS[type] ?? 0;
