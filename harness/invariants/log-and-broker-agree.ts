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
import type { HistoryEvent, KafkaRecord, StoredEvent } from '../history/event.ts';
import { IdTable } from './id-table.ts';
import type { Checker, Finding, Invariant } from './invariant.ts';
import { contentOf, participantCommand } from './records.ts';
import { NEVER, type OrderFacts, type Scope } from './scope.ts';
import { Findings } from './violations.ts';

export const logAndBrokerAgree: Invariant = {
  name: 'log-and-broker-agree',
  promise: 'What the event store has of an order is published in its order, and nothing else is.',
  needs: ['kafka', 'eventstore'],
  reads: ['kafka', 'eventstore'],
  start: (scope) => new LogAndBrokerAgree(scope),
};

const PUBLIC_TYPES = [
  'OrderPlaced',
  'SagaStepCompleted',
  'SagaStepFailed',
  'SagaStepRetried',
  'SagaCompensationStarted',
  'SagaStepCompensated',
  'OrderApproved',
  'OrderRejected',
  'OrderCancellationRequested',
  'OrderCancellationRefused',
  'OrderCancelled',
];
const COMMAND_TYPES = [
  'ReserveStock',
  'ReleaseStock',
  'RestockItems',
  'AuthorizePayment',
  'VoidPayment',
  'CapturePayment',
  'RefundPayment',
  'ScheduleShipment',
  'CancelShipment',
];
const PUBLIC = new Map(PUBLIC_TYPES.map((type, code) => [type, code]));
const COMMANDS = new Map(COMMAND_TYPES.map((type, code) => [type, code]));

/** Types, and the indexes of the events that brought them, of one side. */
interface Side {
  readonly types: number[];
  readonly at: number[];
}
interface Both {
  readonly stored: Side;
  readonly published: Side;
  readonly storedCommands: Side;
  readonly sentCommands: Side;
  revision: number;
  revisionAt: number;
  sequence: number;
  sequenceAt: number;
  partition: number;
}

class LogAndBrokerAgree implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #orders: Both[] = [];
  readonly #storedIds = new IdTable();
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
    if (code !== undefined) push(this.#of(order).sentCommands, code, event.index);
  }

  #stored(event: StoredEvent, order: OrderFacts): void {
    const both = this.#of(order);
    const revision = Number(event.revision);
    const twice = this.#storedIds.note(event.id, event.index, 0);
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
      push(both.stored, isPublic, event.index);
    }
    const command = COMMANDS.get(event.eventType);
    if (command !== undefined) {
      this.#storeHasCommands = true;
      push(both.storedCommands, command, event.index);
    }
  }

  #published(record: KafkaRecord, value: OrderEventsOrderEvent, order: OrderFacts): void {
    const both = this.#of(order);
    push(both.published, PUBLIC.get(value.payload.type) ?? NEVER, record.index);
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
      const side = (): Side => ({ types: [], at: [] });
      both = {
        stored: side(),
        published: side(),
        storedCommands: side(),
        sentCommands: side(),
        revision: NEVER,
        revisionAt: NEVER,
        sequence: NEVER,
        sequenceAt: NEVER,
        partition: NEVER,
      };
      this.#orders[order.number] = both;
    }
    return both;
  }

  finish(): Finding {
    const ours = this.#scope.orders.filter((order) => this.#scope.ours(order));
    if (!this.#storeSpeaks && ours.length > 0) {
      this.#findings.undecided('no stored event has a type that order.events knows');
      return this.#findings.finding();
    }
    for (const order of ours) {
      this.#findings.look();
      this.#inOrder(order, this.#of(order));
      if (this.#storeHasCommands) this.#commands(order, this.#of(order));
    }
    return this.#findings.finding();
  }

  /** The first place where stream and topic part is what to show. */
  #inOrder(order: OrderFacts, { stored, published }: Both): void {
    const length = Math.max(stored.types.length, published.types.length);
    for (let place = 0; place < length; place++) {
      const here = stored.types[place];
      const there = published.types[place];
      if (here === there) continue;
      const name = (code: number | undefined) => PUBLIC_TYPES[code ?? NEVER] ?? 'nothing';
      this.#findings.violate(
        () =>
          `Order ${order.id}: public event ${place + 1} is ${name(here)} in the event store and ` +
          `${name(there)} on order.events.`,
        stored.at[place] ?? NEVER,
        published.at[place] ?? NEVER,
      );
      return;
    }
  }

  #commands(order: OrderFacts, { storedCommands, sentCommands }: Both): void {
    for (const [code, type] of COMMAND_TYPES.entries()) {
      const stored = indexesOf(storedCommands, code);
      const sent = indexesOf(sentCommands, code);
      if (stored.length === sent.length) continue;
      this.#findings.violate(
        () =>
          `Order ${order.id}: the event store has ${stored.length} ${type}, its commands topic ${sent.length}.`,
        ...(stored.length > sent.length ? stored : sent),
      );
    }
  }
}

function push(side: Side, type: number, at: number): void {
  side.types.push(type);
  side.at.push(at);
}

const indexesOf = (side: Side, code: number): number[] =>
  side.at.filter((_, place) => side.types[place] === code);
