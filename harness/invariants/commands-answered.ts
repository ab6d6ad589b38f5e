/**
 * Claims: each command that a saga sends is answered by its participant: with an answer that fits
 * the command, about the same order, and nothing answers a command that it does not fit.
 *
 * Checks: matches commands with the events whose `causationId` names them. A command that is
 * published again is the same one; an answer that comes late is an answer.
 *
 * Could be fooled: by an answer that says what was not done; what participants hold in the end is
 * compared by other promises. A command younger than the grace time when the history ends is left
 * undecided.
 */

import { IdTable } from '../checker/columns/id-table.ts';
import { NotedMessages } from '../checker/facts/noted-messages.ts';
import { COMMAND_TYPES, REPLIES_TO } from '../checker/facts/sagas.ts';
import { Findings } from '../checker/findings.ts';
import { type DeadlineChecker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { OrderFacts, Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord } from '../history/event.ts';
import { participantCommand, participantEvent } from '../history/records.ts';
import { PARTICIPANTS } from '../kernel/system.ts';

/** From a command to its answer, on a machine that has more to do. */
const DEADLINE_MS = 10_000;

export const commandsAnswered = defineInvariant({
  name: 'commands-answered',
  promise: 'Each command of a saga is answered by its participant, with an answer that fits it.',
  concerns: PARTICIPANTS,
  needs: ['kafka'],
  reads: ['kafka'],
  deadlineMs: DEADLINE_MS,
  diagnosis: {
    causes: [
      'the offset of the command was committed before its transaction, and the process ended ' +
        'in between',
      'an error of the store is logged and the record is skipped',
      'the reply has the id of another message as its `causationId`, or was written outside ' +
        'of the outbox',
    ],
    look: 'the consumer loop of the participant that the violation names, and its outbox',
  },
  start: (scope) => new CommandsAnswered(scope),
});

interface Sent {
  readonly type: string;
  readonly order: OrderFacts;
  readonly at: number;
  readonly ms: number;
}

class CommandsAnswered implements DeadlineChecker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** Commands whose answer was not seen yet, by id: few at any time. */
  readonly #open = new Map<string, Sent>();
  readonly #commands = new NotedMessages(COMMAND_TYPES);
  /** Ids of commands that were answered before they were read: answers have their own topics. */
  readonly #answeredEarly = new IdTable();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    const { order, republished } = this.#scope;
    if (event.type !== 'kafka' || republished || order === undefined) return;
    this.#command(event, order);
    this.#answer(event, order);
  }

  #command(record: KafkaRecord, order: OrderFacts): void {
    const command = participantCommand(record);
    if (command === undefined) return;
    const { messageId, payload } = command;
    this.#findings.look();
    const { type } = payload;
    const at = record.index;
    if (!this.#commands.note(messageId, { at, type, orderNumber: order.number })) return;
    if (this.#answeredEarly.has(messageId)) return;
    this.#open.set(messageId, { type, order, at, ms: record.timestampMs });
  }

  #answer(record: KafkaRecord, order: OrderFacts): void {
    const answer = participantEvent(record);
    if (answer?.causationId == null) return;
    const { causationId, payload } = answer;
    const command = this.#commands.find(causationId);
    if (command === undefined) {
      this.#answeredEarly.note(causationId, record.index);
      return;
    }
    this.#open.delete(causationId);
    const { type = '', orderNumber, at } = command;
    if (REPLIES_TO[type]?.includes(payload.type) && orderNumber === order.number) return;
    this.#findings.violate(
      () => `${type} ${causationId} was answered with ${payload.type} of order ${order.id}.`,
      at,
      record.index,
    );
  }

  *pending(nowMs: number): Generator<string, void, undefined> {
    for (const { type, order, ms } of this.#open.values()) {
      if (nowMs - ms >= DEADLINE_MS) continue;
      yield `${type} of order ${order.id} was sent just before the end`;
    }
  }

  finish(): Finding {
    const { lastMs } = this.#scope;
    this.#findings.undecided(...this.pending(lastMs));
    for (const [id, { type, order, at, ms }] of this.#open) {
      if (lastMs - ms < DEADLINE_MS) continue;
      const starved = this.#scope.slowness.starved(ms, lastMs);
      const message = () => `${type} ${id} of order ${order.id} was never answered.`;
      this.#findings.late(starved, message, at);
    }
    return this.#findings.finding();
  }
}
