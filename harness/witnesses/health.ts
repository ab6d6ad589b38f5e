import type { EventOf } from '../history/event-schema.ts';
import { type AdminPort, adminPorts, askAdmin } from './admin-ports.ts';
import { IncompleteSource, type RecordEvent, type Recorder, type Witness } from './witness.ts';

/** How often each instance is asked. */
const INTERVAL_MS = 500;
/** A probe that takes longer has not answered. */
const DEADLINE_MS = 2_000;
/** An observation is void when this process was so late meanwhile: the others may be, too. */
const LATE_MS_MAX = 250;
const TICK_MS = 50;
const NOT_FOUND = 404;
const DETAIL_CHARS_MAX = 300;

const PROBES = ['livez', 'readyz'] as const;
type HealthSeen = EventOf<'health'>;

/** Records when `/livez` and `/readyz` of each instance change, and what they are at the end. */
export const health: Witness = {
  name: 'health',
  sources: ['health'],
  settles: 'snapshot',
  start: async ({ book, record }) => startHealth(adminPorts(book), record),
};

/** Asks instances at intervals from now on. */
export function startHealth(
  ports: readonly AdminPort[],
  record: RecordEvent,
  intervalMs = INTERVAL_MS,
): Recorder {
  let events = 0;
  const counted: RecordEvent = (event) => {
    events++;
    record(event);
  };
  const probes = ports.flatMap((at) => PROBES.map((probe) => new Probe(at, probe, counted)));
  let asking: Promise<unknown> = Promise.resolve();
  let isAsking = false;
  const loop = new LoopDelay();
  const ask = () => Promise.all(probes.map((probe) => probe.ask(loop)));
  const timer = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    asking = ask().finally(() => {
      isAsking = false;
    });
  }, intervalMs);
  return {
    get events() {
      return events;
    },
    async settle() {
      if (ports.length === 0) throw new IncompleteSource('no instance has a port admin');
      clearInterval(timer);
      await asking;
      await ask();
      for (const probe of probes) probe.end();
    },
    async close() {
      clearInterval(timer);
      loop.close();
      await asking;
    },
  };
}

/** Knows when this process was late with its own work. */
class LoopDelay {
  #lateAtMs = Number.NEGATIVE_INFINITY;
  #dueMs = performance.now() + TICK_MS;
  readonly #timer = setInterval(() => {
    const nowMs = performance.now();
    if (nowMs - this.#dueMs > LATE_MS_MAX) this.#lateAtMs = nowMs;
    this.#dueMs = nowMs + TICK_MS;
  }, TICK_MS);

  /** Whether it was too late since this time to know what others did. */
  wasLateSince(ms: number): boolean {
    return this.#lateAtMs >= ms || performance.now() - this.#dueMs > LATE_MS_MAX;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** One probe of one instance; records its changes. */
class Probe {
  readonly #at: AdminPort;
  readonly #probe: HealthSeen['probe'];
  readonly #record: RecordEvent;
  #seen: Pick<HealthSeen, 'outcome' | 'status' | 'detail'> | undefined;
  #seenMs = 0;
  /** The instance does not serve this probe. */
  #isAbsent = false;

  constructor(at: AdminPort, probe: HealthSeen['probe'], record: RecordEvent) {
    this.#at = at;
    this.#probe = probe;
    this.#record = record;
  }

  async ask(loop: LoopDelay): Promise<void> {
    if (this.#isAbsent) return;
    const beganMs = performance.now();
    const answer = await askAdmin(this.#at, `/${this.#probe}`, DEADLINE_MS).catch(() => undefined);
    if (answer?.status === NOT_FOUND && this.#seen === undefined) {
      this.#isAbsent = true;
      return;
    }
    const now = seen(answer);
    if (now.outcome !== 'ok' && loop.wasLateSince(beganMs)) return;
    if (this.#seen?.outcome !== now.outcome) this.#say(now);
    this.#seen = now;
    this.#seenMs = Date.now();
  }

  end(): void {
    if (this.#seen !== undefined) this.#say(this.#seen, { isLast: true });
  }

  #say(what: Pick<HealthSeen, 'outcome'>, more: { isLast?: true } = {}): void {
    const { instance } = this.#at;
    const before = this.#seen === undefined ? {} : { beforeMs: this.#seenMs };
    this.#record({ type: 'health', instance, probe: this.#probe, ...what, ...before, ...more });
  }
}

function seen(
  answer: { readonly status: number; readonly text: string } | undefined,
): Pick<HealthSeen, 'outcome' | 'status' | 'detail'> {
  if (answer === undefined) return { outcome: 'no-answer' };
  const { status, text } = answer;
  if (status >= 200 && status < 300) return { outcome: 'ok', status };
  return { outcome: 'failing', status, detail: text.slice(0, DETAIL_CHARS_MAX) };
}
