import type { HistoryEvent, Unrecorded } from '../../history/event.ts';
import type { TimedEvent } from '../../history/shard-tail.ts';
import { HISTORY_SOURCES, type HistorySource } from '../../history/sources.ts';

interface Entry {
  readonly tag: string;
  event: TimedEvent;
}

/** A time to begin at: 2026-01-01T00:00:00Z. */
const BEGAN_MS = 1_767_225_600_000;

/**
 * Writes histories for tests: events in order, each under a tag, so that a bad history is a good
 * one with an edit. Tags are unique; the story's tags read `o1.kafka.OrderPlaced`.
 */
export class HistoryBuilder {
  #entries: Entry[] = [];
  #nowMs = BEGAN_MS;
  readonly #offsets = new Map<string, number>();
  readonly #tags = new Set<string>();

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Lets time pass. */
  wait(ms: number): this {
    this.#nowMs += ms;
    return this;
  }

  /** Adds an event at the end, a millisecond after the one before. */
  add(tag: string, event: Unrecorded): this {
    this.#nowMs += 1;
    this.#entries.push({ tag: this.#unique(tag), event: { ...event, atMs: this.#nowMs } });
    return this;
  }

  /** Opens the history of a run. */
  run(options: { terminalWithinMs?: number; absentFeatures?: readonly string[] } = {}): this {
    const { terminalWithinMs = 10_000, absentFeatures } = options;
    return this.add('run', {
      type: 'run-started',
      schemaVersion: 1,
      run: 'run-1',
      seed: '1',
      commit: '0000000',
      subjects:
        absentFeatures === undefined
          ? []
          : [{ service: 'query', version: '9.9.9', absentFeatures }],
      bounds: { terminalWithinMs },
    });
  }

  /** Adds a record to a topic; partition and offset follow from key and topic. */
  record(
    tag: string,
    topic: string,
    key: string,
    value: Readonly<Record<string, unknown>>,
    traceId?: string,
  ): this {
    const partition = partitionOf(key);
    const place = `${topic}-${partition}`;
    const offset = this.#offsets.get(place) ?? 0;
    this.#offsets.set(place, offset + 1);
    const payload = value['payload'] as { type?: string } | undefined;
    return this.add(tag, {
      type: 'kafka',
      topic,
      partition,
      offset: String(offset),
      key,
      headers: {
        id: String(value['messageId']),
        eventType: String(payload?.type ?? value['kind']),
        ...(traceId === undefined ? {} : { traceparent: traceparent(traceId) }),
      },
      timestampMs: this.#nowMs + 1,
      schemaId: 1,
      value,
    });
  }

  /** Says that sources are complete. */
  close(sources: readonly HistorySource[] = HISTORY_SOURCES): this {
    for (const source of sources) {
      this.add(`closed.${source}`, { type: 'source-closed', source, state: 'complete', events: 0 });
    }
    return this;
  }

  /** Leaves events out. */
  without(...tags: readonly string[]): this {
    for (const tag of tags) this.#at(tag);
    this.#entries = this.#entries.filter((entry) => !tags.includes(entry.tag));
    return this;
  }

  /** Changes an event: top-level fields are replaced, those of `value` merged. */
  edit(tag: string, change: Readonly<Record<string, unknown>>): this {
    const entry = this.#entry(tag);
    entry.event = merged(entry.event, change);
    return this;
  }

  /** Adds a changed copy of an event right after it, as `<tag>.again` (or under another tag). */
  again(tag: string, change: Readonly<Record<string, unknown>> = {}, as = `${tag}.again`): this {
    const at = this.#at(tag);
    const copy = merged(this.#entry(tag).event, change);
    this.#entries.splice(at + 1, 0, { tag: this.#unique(as), event: copy });
    return this;
  }

  /** Adds an event right after another. */
  after(tag: string, as: string, event: Unrecorded): this {
    const at = this.#at(tag);
    const { atMs } = this.#entry(tag).event;
    this.#entries.splice(at + 1, 0, { tag: this.#unique(as), event: { ...event, atMs } });
    return this;
  }

  /** Moves an event behind another, with its times. */
  moveAfter(tag: string, behind: string): this {
    const [entry] = this.#entries.splice(this.#at(tag), 1);
    if (entry === undefined) throw new Error(`no event ${tag}`);
    const { atMs } = this.#entry(behind).event;
    entry.event = merged(entry.event, { atMs, timestampMs: atMs });
    this.#entries.splice(this.#at(behind) + 1, 0, entry);
    return this;
  }

  /** The index that a tag's event has in the built history. */
  indexOf(tag: string): number {
    return this.#at(tag);
  }

  /** All events so far, each with its tag. */
  tagged(): ReadonlyArray<{ readonly tag: string; readonly event: TimedEvent }> {
    return [...this.#entries];
  }

  event(tag: string): HistoryEvent {
    const index = this.#at(tag);
    return { ...this.#entry(tag).event, index } as HistoryEvent;
  }

  /** Removes and returns the events so far, for histories that are too long to be held. */
  take(): TimedEvent[] {
    const events = this.#entries.map(({ event }) => event);
    this.#entries = [];
    this.#tags.clear();
    return events;
  }

  build(): HistoryEvent[] {
    return this.#entries.map(({ event }, index) => ({ ...event, index }) as HistoryEvent);
  }

  #entry(tag: string): Entry {
    const entry = this.#entries[this.#at(tag)];
    if (entry === undefined) throw new Error(`no event ${tag}`);
    return entry;
  }

  #at(tag: string): number {
    const at = this.#entries.findIndex((entry) => entry.tag === tag);
    if (at < 0) {
      const known = this.#entries.map((entry) => entry.tag).join(' ');
      throw new Error(`the story has no event ${tag}; it has ${known}`);
    }
    return at;
  }

  #unique(tag: string): string {
    let name = tag;
    for (let n = 2; this.#tags.has(name); n++) name = `${tag}.${n}`;
    this.#tags.add(name);
    return name;
  }
}

function merged(event: TimedEvent, change: Readonly<Record<string, unknown>>): TimedEvent {
  const nested = (name: string) => {
    const before = (event as unknown as Record<string, unknown>)[name];
    const next = change[name];
    return typeof before === 'object' && typeof next === 'object' && !Array.isArray(next)
      ? { [name]: { ...before, ...next } }
      : {};
  };
  return {
    ...event,
    ...change,
    ...nested('value'),
    ...nested('headers'),
    ...nested('message'),
  } as unknown as TimedEvent;
}

/** W3C trace context of a trace, with a span id made from it. */
export const traceparent = (traceId: string): string => `00-${traceId}-${traceId.slice(0, 16)}-01`;

function partitionOf(key: string): number {
  let hash = 7;
  for (const character of key) hash = (hash * 31 + character.charCodeAt(0)) % 65_521;
  return hash % 3;
}
