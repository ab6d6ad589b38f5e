/**
 * Claims: an order's stream in the event store has no gap and no fork; each of its public events,
 * and each command, is published, in the stream's order, and nothing is published that is not in
 * the stream; records of one order stay in order on one partition.
 *
 * Checks: revisions per `order-*` stream; per order, the sequence of public types in the stream
 * against the sequence on `order.events` (republished records count once), whose own numbers must
 * run from 1 without a gap; commands by type and number.
 *
 * Could be fooled: by a store whose types are not named as on `order.events`; then `unknown`.
 */

import type { OrderEventsOrderEvent } from '#avro/types.generated.ts';
import { IdTable } from '../checker/columns/id-table.ts';
import { COMMAND_TYPES, SAGA_EVENT_TYPES } from '../checker/facts/sagas.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord, StoredEvent } from '../history/event.ts';
import { contentOf, participantCommand } from '../history/records.ts';
import { storeUsers } from '../kernel/system.ts';

export const eventStoreMatchesKafka = defineInvariant({
  name: 'event-store-matches-kafka',
  promise: 'What the event store has of an order is published in its order, and nothing else is.',
  concerns: storeUsers('eventstore'),
  needs: ['kafka', 'eventstore'],
  reads: ['kafka', 'eventstore'],
  diagnosis: {
    causes: [
      'the publisher stores its position before the broker has acknowledged the records',
      'an append without an expected revision, or a publisher with two active instances',
      'events of one order are sent without waiting, and one is retried behind the next',
    ],
    look: 'the publisher: its position, its acknowledgements, its leader election',
  },
  start: (scope) => new EventStoreMatchesKafka(scope),
});

const PUBLIC = new Map(SAGA_EVENT_TYPES.map((type, code) => [type, code]));
const COMMANDS = new Map(COMMAND_TYPES.map((type, code) => [type, code]));

/**
 * What one side has that the other side has not shown yet: types and indexes of events, in turn.
 * Both sides are matched as they come, so that it is short at any time.
 */
interface Ahead {
  readonly stored: boolean;
  readonly left: number[];
}

interface Both {
  revision: number;
  revisionAt: number;
  sequence: number;
  sequenceAt: number;
  partition: number;
  /** How many public events both sides have shown; negative once they have parted. */
  agreed: number;
  ahead: Ahead | undefined;
  /** Commands of one side, and of the other. */
  storedCommands: number[] | undefined;
  sentCommands: number[] | undefined;
}

/** After the first difference nothing more can be compared. */
const PARTED = -1;

interface Parted {
  readonly order: OrderFacts;
  readonly place: number;
  readonly here: Place;
  readonly there: Place;
}

class EventStoreMatchesKafka implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #orders: Both[] = [];
  readonly #storedIds = new IdTable();
  readonly #parted: Parted[] = [];
  #storeSpeaks = false;
  #storeHasCommands = false;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    const { order } = this.#scope;
    if (order === undefined) return;
    if (event.type === 'eventstore') this.#stored(event, order);
    if (event.type !== 'kafka' || this.#scope.republished) return;
    const value = contentOf(event, 'order.events');
    if (value !== undefined) this.#published(event, value, order);
    const command = participantCommand(event)?.payload.type;
    const code = command === undefined ? undefined : COMMANDS.get(command);
    if (code !== undefined) this.#command(this.#of(order), 'sentCommands', code, event.index);
  }

  #stored(event: StoredEvent, order: OrderFacts): void {
    const both = this.#of(order);
    const revision = Number(event.revision);
    const twice = this.#storedIds.note(event.id, event.index);
    if (both.revision !== NEVER && revision !== both.revision + 1) {
      const what = revision <= both.revision ? 'is there twice: the stream forks' : 'leaves a gap';
      this.#findings.violate(
        () => `${event.stream}: revision ${revision} after ${both.revision} ${what}.`,
        both.revisionAt,
        event.index,
      );
    } else if (twice !== undefined) {
      this.#findings.violate(
        () => `${event.stream} has event ${event.id} (${event.eventType}) twice.`,
        twice.index,
        event.index,
      );
    }
    both.revision = revision;
    both.revisionAt = event.index;
    const isPublic = PUBLIC.get(event.eventType);
    if (isPublic !== undefined) {
      this.#storeSpeaks = true;
      this.#public(order, both, true, isPublic, event.index);
    }
    const command = COMMANDS.get(event.eventType);
    if (command !== undefined) {
      this.#storeHasCommands = true;
      this.#command(both, 'storedCommands', command, event.index);
    }
  }

  #published(record: KafkaRecord, value: OrderEventsOrderEvent, order: OrderFacts): void {
    const both = this.#of(order);
    this.#public(order, both, false, PUBLIC.get(value.payload.type) ?? NEVER, record.index);
    if (both.sequence === NEVER) {
      // The order began before this history: its first numbers cannot be here.
      if (order.placedAt !== NEVER && value.sequence !== 1) {
        this.#findings.violate(
          () => `The first record of order ${order.id} has the number ${value.sequence}, not 1.`,
          record.index,
        );
      }
    } else if (value.sequence !== both.sequence + 1) {
      this.#findings.violate(
        () =>
          `Order ${order.id}: record ${value.sequence} (${value.payload.type}) follows record ${both.sequence}.`,
        both.sequenceAt,
        record.index,
      );
    } else if (record.partition !== both.partition) {
      this.#findings.violate(
        () => `Order ${order.id} is on partitions ${both.partition} and ${record.partition}.`,
        both.sequenceAt,
        record.index,
      );
    }
    if (record.key !== order.id) {
      this.#findings.violate(
        () => `A record of order ${order.id} has the key ${record.key}.`,
        record.index,
      );
    }
    both.sequence = value.sequence;
    both.sequenceAt = record.index;
    both.partition = record.partition;
  }

  #of(order: OrderFacts): Both {
    let both = this.#orders[order.number];
    if (both === undefined) {
      both = {
        revision: NEVER,
        revisionAt: NEVER,
        sequence: NEVER,
        sequenceAt: NEVER,
        partition: NEVER,
        agreed: 0,
        ahead: undefined,
        storedCommands: undefined,
        sentCommands: undefined,
      };
      this.#orders[order.number] = both;
    }
    return both;
  }

  /** Takes the next public event of one side; it must be what the other side has there. */
  #public(order: OrderFacts, both: Both, stored: boolean, code: number, at: number): void {
    if (both.agreed === PARTED) return;
    const { ahead } = both;
    if (ahead === undefined) {
      both.ahead = { stored, left: [code, at] };
      return;
    }
    if (ahead.stored === stored) {
      ahead.left.push(code, at);
      return;
    }
    const [other = NEVER, otherAt = NEVER] = ahead.left.splice(0, 2);
    if (ahead.left.length === 0) both.ahead = undefined;
    if (other === code) both.agreed++;
    else if (stored) this.#part(order, both, { code, at }, { code: other, at: otherAt });
    else this.#part(order, both, { code: other, at: otherAt }, { code, at });
  }

  /** The first place where stream and topic part is what to show. */
  #part(order: OrderFacts, both: Both, here: Place, there: Place): void {
    const place = both.agreed + 1;
    this.#parted.push({ order, place, here, there });
    both.agreed = PARTED;
  }

  /** Commands are matched by their type: each one that is stored is sent once. */
  #command(both: Both, side: Side, code: number, at: number): void {
    const otherSide: Side = side === 'storedCommands' ? 'sentCommands' : 'storedCommands';
    const other = both[otherSide];
    const match = other?.findIndex((known, place) => place % 2 === 0 && known === code) ?? -1;
    if (other !== undefined && match >= 0) {
      other.splice(match, 2);
      if (other.length === 0) both[otherSide] = undefined;
      return;
    }
    const own = both[side];
    if (own === undefined) both[side] = [code, at];
    else own.push(code, at);
  }

  finish(): Finding {
    const ours = this.#scope.orders.filter((order) => this.#isOurs(order));
    if (!this.#storeSpeaks && ours.length > 0) {
      this.#findings.undecided('no stored event has a type that order.events knows');
      return this.#findings.finding();
    }
    for (const order of ours) {
      this.#findings.look();
      const both = this.#of(order);
      const [code = NEVER, at = NEVER] = both.ahead?.left ?? [];
      if (code !== NEVER && both.ahead?.stored === true) {
        this.#part(order, both, { code, at }, NOTHING);
      } else if (code !== NEVER) this.#part(order, both, NOTHING, { code, at });
      if (this.#storeHasCommands) this.#commands(order, both);
    }
    for (const { order, place, here, there } of this.#parted) {
      if (!this.#isOurs(order)) continue;
      const name = ({ code }: Place) => SAGA_EVENT_TYPES[code] ?? 'nothing';
      this.#findings.violate(
        () =>
          `Order ${order.id}: public event ${place} is ${name(here)} in the event store and ` +
          `${name(there)} on order.events.`,
        here.at,
        there.at,
      );
    }
    return this.#findings.finding();
  }

  /** An order that was accepted is compared also when its OrderPlaced was never published. */
  #isOurs = (order: OrderFacts): boolean => this.#scope.ours(order) || this.#scope.accepted(order);

  #commands(order: OrderFacts, { storedCommands = [], sentCommands = [] }: Both): void {
    for (let place = 0; place < storedCommands.length; place += 2) {
      const [code = NEVER, at = NEVER] = storedCommands.slice(place, place + 2);
      this.#findings.violate(
        () =>
          `Order ${order.id}: ${COMMAND_TYPES[code]} is in the event store and was not sent once.`,
        at,
      );
    }
    for (let place = 0; place < sentCommands.length; place += 2) {
      const [code = NEVER, at = NEVER] = sentCommands.slice(place, place + 2);
      this.#findings.violate(
        () =>
          `Order ${order.id}: ${COMMAND_TYPES[code]} was sent more often than the event store has it.`,
        at,
      );
    }
  }
}

type Side = 'storedCommands' | 'sentCommands';

/** A public event's type and where it is. */
interface Place {
  readonly code: number;
  readonly at: number;
}
const NOTHING: Place = { code: NEVER, at: NEVER };
