/**
 * Claims: what a participant committed to its outbox is published, exactly that, and nothing else:
 * each committed row is a message on its topic with its id, key and type, and each message of the
 * topic has a committed row (so none comes from a transaction that was rolled back).
 *
 * Checks: matches outbox rows, read when the run ended, with the distinct message ids of
 * `inventory.events`, `payment.events` and `shipping.events`. Publishing a row again is legal.
 *
 * Could be fooled: by rows that are deleted once they are published and messages that were never
 * committed; a service whose outbox shows no row at all is therefore not judged, and is said.
 */
import type { HistoryEvent, KafkaRecord, StateSeen } from '../history/event.ts';
import { fingerprint } from './fingerprint.ts';
import { IdTable } from './id-table.ts';
import type { Checker, Finding, Invariant } from './invariant.ts';
import { participantEvent, stateOf } from './records.ts';
import { NEVER, type Scope } from './scope.ts';
import { Findings } from './violations.ts';

export const outboxConservation: Invariant = {
  name: 'outbox-conservation',
  promise:
    'Each committed outbox row is published, and nothing is published that was not committed.',
  needs: ['kafka', 'postgres'],
  reads: ['kafka', 'state'],
  start: (scope) => new OutboxConservation(scope),
};

/** A message that waits for its row: rows come at the end of a history. */
interface Published {
  readonly ids: string[];
  readonly at: number[];
  readonly prints: number[];
  readonly occurredMs: number[];
}

class OutboxConservation implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #messages = new IdTable();
  readonly #published = new Map<string, Published>();
  readonly #rows = new IdTable();
  /** Topics for which at least one row was seen. */
  readonly #spoken = new Set<string>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'kafka') this.#record(event);
    else if (event.type === 'state') this.#row(event);
  }

  #record(record: KafkaRecord): void {
    if (this.#scope.republished) return;
    const said = participantEvent(record);
    if (said === undefined) return;
    const id = record.headers['id'] ?? said.messageId;
    const print = printOf(record.topic, record.key, said.payload.type);
    this.#messages.note(id, record.index, print);
    let published = this.#published.get(record.topic);
    if (published === undefined) {
      published = { ids: [], at: [], prints: [], occurredMs: [] };
      this.#published.set(record.topic, published);
    }
    published.ids.push(id);
    published.at.push(record.index);
    published.prints.push(print);
    published.occurredMs.push(said.occurredAt);
  }

  #row(state: StateSeen): void {
    const row = stateOf(state, 'outbox');
    if (row === undefined) return;
    this.#spoken.add(row.topic);
    const print = printOf(row.topic, row.recordKey, row.eventType);
    this.#rows.note(state.key, state.index, print);
    const message = this.#messages.note(state.key, state.index, print);
    const beganMs = this.#scope.run?.atMs ?? 0;
    if (message === undefined) {
      // A row from before the run may have been published before the run, too.
      if (row.createdAtMs < beganMs) return;
      this.#findings.look();
      this.#findings.violate(
        () =>
          `Row ${state.key} (${row.eventType}, key ${row.recordKey}) of ${state.service} was ` +
          `committed, but never published on ${row.topic}.`,
        state.index,
      );
      return;
    }
    this.#findings.look();
    if (message.fingerprint === print) return;
    this.#findings.violate(
      () =>
        `Row ${state.key} of ${state.service} is ${row.eventType} with key ${row.recordKey} for ` +
        `${row.topic}, but was published with another topic, key or type.`,
      message.index,
      state.index,
    );
  }

  finish(): Finding {
    const beganMs = this.#scope.run?.atMs ?? 0;
    for (const [topic, { ids, at, prints, occurredMs }] of this.#published) {
      if (!this.#spoken.has(topic)) {
        this.#findings.undecided(`no outbox row of ${topic} was seen, but messages of it were`);
        continue;
      }
      for (const [place, id] of ids.entries()) {
        if ((occurredMs[place] ?? 0) < beganMs) continue;
        const index = at[place] ?? NEVER;
        if (this.#rows.note(id, index, prints[place] ?? 0) !== undefined) continue;
        this.#findings.violate(
          () => `Message ${id} was published on ${topic}, but no outbox has a committed row of it.`,
          index,
        );
      }
    }
    return this.#findings.finding();
  }
}

const printOf = (topic: string, key: string | null, type: string): number =>
  fingerprint(topic) ^ Math.imul(fingerprint(key), 3) ^ Math.imul(fingerprint(type), 5);
