import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { EventOf } from '../history/event-schema.ts';
import { type AdminPort, adminPorts, askAdmin } from './admin-ports.ts';
import { IncompleteSource, type RecordEvent, type Recorder, type Witness } from './witness.ts';

/** How often each instance is asked. */
const INTERVAL_MS = 500;
/** A probe that takes longer has not answered. */
const DEADLINE_MS = 2_000;
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
  let dueMs = performance.now();
  let asking: Promise<unknown> = Promise.resolve();
  let isAsking = false;
  const ask = async () => {
    await yieldToEvents();
    await Promise.all(probes.map((probe) => probe.ask()));
  };
  const timer = setInterval(() => {
    // What the harness did not see in time is no evidence against the instance.
    const lateMs = performance.now() - dueMs;
    dueMs = performance.now() + intervalMs;
    for (const probe of probes) probe.late(lateMs);
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
      await asking;
    },
  };
}

/** One probe of one instance; records its changes. */
class Probe {
  readonly #at: AdminPort;
  readonly #probe: HealthSeen['probe'];
  readonly #record: RecordEvent;
  #seen: Pick<HealthSeen, 'outcome' | 'status' | 'detail'> | undefined;
  #lateMsMax = 0;
  /** The instance does not serve this probe. */
  #isAbsent = false;

  constructor(at: AdminPort, probe: HealthSeen['probe'], record: RecordEvent) {
    this.#at = at;
    this.#probe = probe;
    this.#record = record;
  }

  late(ms: number): void {
    this.#lateMsMax = Math.max(this.#lateMsMax, ms);
  }

  async ask(): Promise<void> {
    if (this.#isAbsent) return;
    const answer = await askAdmin(this.#at, `/${this.#probe}`, DEADLINE_MS).catch(() => undefined);
    if (answer?.status === NOT_FOUND && this.#seen === undefined) {
      this.#isAbsent = true;
      return;
    }
    const now = seen(answer);
    if (this.#seen?.outcome !== now.outcome) this.#say(now);
    this.#seen = now;
  }

  end(): void {
    if (this.#seen !== undefined) this.#say(this.#seen, { isLast: true });
  }

  #say(what: Pick<HealthSeen, 'outcome'>, more: { isLast?: true } = {}): void {
    const { instance } = this.#at;
    const lateMsMax = Math.round(this.#lateMsMax);
    this.#lateMsMax = 0;
    this.#record({ type: 'health', instance, probe: this.#probe, ...what, lateMsMax, ...more });
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
