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

import { fingerprint } from '../checker/columns/fingerprint.ts';
import { IdTable } from '../checker/columns/id-table.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { Scope } from '../checker/scope.ts';
import type { EndStates } from '../history/end-state.ts';
import type { HistoryEvent, KafkaRecord, StateSeen } from '../history/event.ts';
import { participantEvent, stateOf } from '../history/records.ts';
import { OUTBOX_SERVICES } from '../kernel/system.ts';

export const outboxConservation = defineInvariant({
  name: 'outbox-conservation',
  promise:
    'Each committed outbox row is published, and nothing is published that was not committed.',
  concerns: OUTBOX_SERVICES,
  needs: ['kafka', 'postgres'],
  reads: ['kafka', 'state'],
  diagnosis: {
    causes: [
      'the reply is published directly, without the outbox',
      'the row is written in another transaction than the effect',
      'the connector filters rows, or its slot lost its position',
    ],
    look: 'the transaction that writes the outbox, and the connector',
  },
  start: (scope) => new OutboxConservation(scope),
});

type Row = EndStates['outbox'] & { readonly service: string; readonly at: number };

class OutboxConservation implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** By topic: the messages that were published on it, each matched when its row is seen. */
  readonly #published = new Map<string, IdTable>();
  /** Rows whose message has not been seen, by id. */
  readonly #waiting = new Map<string, Row>();
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
    // What happened before the run may have been committed before it, too.
    if (said.occurredAt < (this.#scope.run?.atMs ?? 0)) return;
    const id = record.headers['id'] ?? said.messageId;
    const print = printOf(record.key, said.payload.type);
    this.#publishedOn(record.topic).note(id, record.index, print);
    const row = this.#waiting.get(id);
    if (row?.topic === record.topic) this.#match(id, row);
  }

  #publishedOn(topic: string): IdTable {
    let published = this.#published.get(topic);
    if (published === undefined) {
      published = new IdTable();
      this.#published.set(topic, published);
    }
    return published;
  }

  #row(state: StateSeen): void {
    const row = stateOf(state, 'outbox');
    if (row === undefined) return;
    this.#spoken.add(row.topic);
    const seen = { ...row, service: state.service, at: state.index };
    // Rows are read while the last messages may still be on their way.
    if (this.#publishedOn(row.topic).has(state.key)) this.#match(state.key, seen);
    else this.#waiting.set(state.key, seen);
  }

  #match(id: string, row: Row): void {
    const published = this.#publishedOn(row.topic);
    const print = printOf(row.recordKey, row.eventType);
    this.#findings.look();
    this.#waiting.delete(id);
    published.match(id);
    const message = published.note(id, row.at, print);
    if (message === undefined || message.fingerprint === print) return;
    this.#findings.violate(
      () =>
        `Row ${id} of ${row.service} is ${row.eventType} with key ${row.recordKey}, but was ` +
        `published on ${row.topic} with another key or type.`,
      message.index,
      row.at,
    );
  }

  #neverPublished(id: string, row: Row): void {
    // A row from before the run may have been published before the run, too.
    if (row.createdAtMs < (this.#scope.run?.atMs ?? 0)) return;
    this.#findings.look();
    this.#findings.violate(
      () =>
        `Row ${id} (${row.eventType}, key ${row.recordKey}) of ${row.service} was committed, but ` +
        `never published on ${row.topic}.`,
      row.at,
    );
  }

  finish(): Finding {
    for (const [id, row] of this.#waiting) this.#neverPublished(id, row);
    for (const [topic, published] of this.#published) {
      const left = published.unmatched();
      if (left.length > 0 && !this.#spoken.has(topic)) {
        this.#findings.undecided(`no outbox row of ${topic} was seen, but messages of it were`);
        continue;
      }
      for (const index of left) {
        this.#findings.violate(
          () =>
            `Event ${index} was published on ${topic}, but no outbox has a committed row of it.`,
          index,
        );
      }
    }
    return this.#findings.finding();
  }
}

const printOf = (key: string | null, type: string): number => fingerprint([key, type]);
