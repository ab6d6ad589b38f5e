/** Applies rules to the messages of one connection. */
import { act, type Effects } from './actions.ts';
import { Delivery, type Unit, unitOf } from './delivery.ts';
import { OpenOperations } from './open-operations.ts';
import { type Bytes, type Pipe, sizeOf } from './pipe.ts';
import type { Decoder, Message, Side } from './protocol.ts';
import type { Recorder } from './recorder.ts';
import type { RuleBook } from './rules.ts';

/** An answer that is larger is passed on before its end is known. */
const ANSWER_BYTES_MAX = 32 << 20;

export interface ExchangesOptions {
  readonly link: string;
  readonly connection: number;
  readonly multiplexed: boolean;
  readonly rules: RuleBook;
  readonly recorder: Recorder;
  readonly decoder: Decoder;
  readonly pipes: () => Readonly<Record<Side, Pipe>>;
  /** Ends the connection as a broken network would. */
  readonly cut: () => void;
  /** Ends it with what has been passed on. */
  readonly end: () => void;
  /** From here on nothing passes. */
  readonly silence: () => void;
}

/** The messages of an answer that have arrived. */
interface Answer {
  readonly ids: readonly number[];
  /** Not complete yet. */
  readonly missing: Set<number>;
  readonly parts: Unit['parts'][number][];
}

export class Exchanges {
  readonly #operations: OpenOperations;
  readonly #delivery: Delivery;
  readonly #effects: Effects;
  /** By lane of what the server sends: answers that a rule has to see whole. */
  readonly #answers = new Map<number, Answer>();

  constructor(options: ExchangesOptions) {
    const { rules, recorder } = options;
    const operations = new OpenOperations(options, rules, recorder);
    const delivery = new Delivery({
      ...options,
      operations,
      onAnswered: (pipe, strikes) => act(this.#effects, pipe, unitOf([]), strikes),
    });
    this.#operations = operations;
    this.#delivery = delivery;
    this.#effects = { ...options, operations, delivery };
  }

  /** @returns a promise if what follows in its lane has to wait */
  pass(pipe: Pipe, message: Message, bytes: Bytes): Promise<void> | undefined {
    const { begins, answers, surplus } = message;
    if (surplus) {
      this.#delivery.withhold(message);
      return undefined;
    }
    if (begins.length > 0) {
      const strikes = this.#operations.begin(pipe.from, begins);
      if (strikes.length > 0)
        return act(this.#effects, pipe, unitOf([{ message, bytes }]), strikes);
    }
    if (this.#answers.size > 0 && pipe.from === 'server') {
      const answer = this.#answers.get(message.lane ?? 0);
      if (answer) return this.#collect(pipe, answer, { message, bytes });
    }
    if (answers.length > 0) {
      const strikes = this.#operations.strikesAtStart(answers);
      if (strikes === undefined) {
        const answer = { ids: answers, missing: new Set(answers), parts: [] };
        return this.#collect(pipe, answer, { message, bytes });
      }
      if (strikes.length > 0)
        return act(this.#effects, pipe, unitOf([{ message, bytes }]), strikes);
    }
    return this.#delivery.forwardMessage(pipe, message, bytes);
  }

  /** Passes on what was kept back to wait for more. */
  flush(pipe: Pipe): void {
    if (pipe.from === 'server') {
      const collected = [...this.#answers.values()];
      this.#answers.clear();
      for (const { parts } of collected) void this.#delivery.forward(pipe, unitOf(parts));
    }
    this.#delivery.flush(pipe);
  }

  /** What is not answered by now never is. */
  close(reason: string): void {
    this.#operations.endAll(reason);
    this.#answers.clear();
  }

  #collect(pipe: Pipe, answer: Answer, part: Unit['parts'][number]): Promise<void> | undefined {
    const { message } = part;
    answer.parts.push(part);
    for (const { id } of message.ends) answer.missing.delete(id);
    const size = answer.parts.reduce((sum, { bytes }) => sum + sizeOf(bytes), 0);
    if (answer.missing.size > 0 && size <= ANSWER_BYTES_MAX) {
      this.#answers.set(message.lane ?? 0, answer);
      return undefined;
    }
    this.#answers.delete(message.lane ?? 0);
    const unit = unitOf(answer.parts);
    const open = answer.ids.flatMap((id) => this.#operations.get(id) ?? []);
    const made = open.find(({ answerWith }) => answerWith !== undefined);
    if (made?.answerWith) {
      return this.#delivery.forward(pipe, { ...unit, instead: made.answerWith });
    }
    const strikes = open.flatMap(({ operation }) => {
      const end = unit.ends.find(({ id }) => id === operation.id);
      const candidates = this.#operations.candidates(operation, 'answer');
      return this.#operations.strikes(candidates, operation, end);
    });
    if (strikes.length > 0) return act(this.#effects, pipe, unit, strikes);
    return this.#delivery.forward(pipe, unit);
  }
}
