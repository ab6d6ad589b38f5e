/** Passes messages of one connection on, in whole or as a rule has changed them. */
import type { OpenOperations } from './open-operations.ts';
import type { Bytes, Pipe } from './pipe.ts';
import type { Decoder, Message, Operation, OperationEnd, Side } from './protocol.ts';
import type { ArmedWireRule, Strike } from './rules.ts';

/** A request, or all or the beginning of an answer. */
export interface Unit {
  readonly parts: readonly { readonly message: Message; readonly bytes: Bytes }[];
  readonly begins: readonly Operation[];
  readonly answers: readonly number[];
  readonly ends: readonly OperationEnd[];
  /** Changes what is passed on, to bytes of the same length. */
  readonly edit?: (bytes: Buffer) => Buffer;
  /** How often it is passed on, where that is not once. */
  readonly copies?: number;
  /** Passed on in its place. */
  readonly instead?: Buffer;
}

/** Messages that belong together. */
export const unitOf = (parts: Unit['parts']): Unit => ({
  parts,
  begins: parts.flatMap(({ message }) => message.begins),
  answers: parts.flatMap(({ message }) => message.answers),
  ends: parts.flatMap(({ message }) => message.ends),
});

export interface DeliveryOptions {
  readonly decoder: Decoder;
  readonly operations: OpenOperations;
  readonly pipes: () => Readonly<Record<Side, Pipe>>;
  /** Whether answers may come in any order. */
  readonly multiplexed: boolean;
  /** Acts for rules at the point `answered`. */
  readonly onAnswered: (pipe: Pipe, strikes: readonly Strike[]) => Promise<void>;
}

/** An answer that was passed on, and the rules that wait for that. */
interface Answered {
  readonly candidates: readonly ArmedWireRule[];
  readonly operation: Operation;
  readonly end: OperationEnd;
}

export class Delivery {
  readonly #options: DeliveryOptions;
  /** By pipe: what waits for the next unit, to be exchanged with it. */
  readonly #kept = new Map<Pipe, Unit>();
  /** Answers that the proxy gives, when it is their turn. */
  #answers: { readonly id: number; readonly bytes: Buffer; readonly code: string }[] = [];

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** @returns a promise if what follows has to wait */
  forwardMessage(pipe: Pipe, message: Message, bytes: Bytes): Promise<void> | undefined {
    this.#write(pipe, message, bytes);
    if (this.#kept.size > 0 && message.begins.length + message.answers.length > 0) {
      this.flush(pipe);
    }
    return message.ends.length === 0
      ? undefined
      : this.#finish(pipe, message.ends, message.lane ?? 0);
  }

  forward(pipe: Pipe, unit: Unit): Promise<void> | undefined {
    const { parts, edit, instead, copies = 1 } = unit;
    for (let copy = 0; copy < copies; copy += 1) {
      for (const { message, bytes } of parts) {
        if (instead !== undefined && message.from === 'server') {
          this.withhold(message);
          continue;
        }
        const pieces = this.#pieces(message, bytes);
        if (instead === undefined) pipe.write(edit ? [edit(Buffer.concat(pieces))] : pieces);
      }
      if (instead !== undefined) pipe.write([instead]);
    }
    if (unit.begins.length + unit.answers.length > 0) this.flush(pipe);
    return this.#finish(pipe, unit.ends, parts[0]?.message.lane ?? 0);
  }

  /** Tells the decoder that a message does not pass. */
  withhold(message: Message): void {
    const rest = this.#options.decoder.withhold?.(message);
    if (rest === undefined) return;
    const { client, server } = this.#options.pipes();
    if (rest.server) client.write([rest.server]);
    if (rest.client) server.write([rest.client]);
  }

  /** Answers an operation of the client when every earlier one is answered. */
  answer(id: number, code: string, bytes: Buffer): void {
    this.#answers.push({ id, bytes, code });
    this.#answerReady();
  }

  /** Keeps a unit back until the next one has passed; false if one is kept already. */
  keep(pipe: Pipe, unit: Unit): boolean {
    if (this.#kept.has(pipe)) return false;
    this.#kept.set(pipe, unit);
    return true;
  }

  /** Passes on what is kept back. */
  flush(pipe: Pipe): void {
    const kept = this.#kept.get(pipe);
    if (kept === undefined) return;
    this.#kept.delete(pipe);
    void this.forward(pipe, kept);
  }

  /** Whether the message can be passed on more than once; the copy's answer is surplus. */
  repeat(pipe: Pipe, unit: Unit): boolean {
    const { decoder } = this.#options;
    if (decoder.forward === undefined) return false;
    for (const { message } of unit.parts) {
      const copy = decoder.forward(message);
      if (copy === undefined) return false;
      pipe.write([copy]);
    }
    return true;
  }

  #write(pipe: Pipe, message: Message, bytes: Bytes): void {
    pipe.write(this.#pieces(message, bytes));
  }

  /** What was received, unless the decoder has to translate it. */
  #pieces(message: Message, bytes: Bytes): Bytes {
    const translated = this.#options.decoder.forward?.(message);
    return translated === undefined || translated === message.bytes ? bytes : [translated];
  }

  #finish(pipe: Pipe, ends: readonly OperationEnd[], lane: number): Promise<void> | undefined {
    const { operations } = this.#options;
    let answered: Answered[] | undefined;
    for (const end of ends) {
      const operation = operations.get(end.id)?.operation;
      if (operation === undefined) continue;
      const candidates = operations.candidates(operation, 'answered');
      if (candidates.length > 0) answered = [...(answered ?? []), { candidates, operation, end }];
      operations.end(end);
    }
    if (this.#answers.length > 0) this.#answerReady();
    if (answered === undefined) return undefined;
    const done = this.#answered(pipe, answered);
    // What the service does next on this connection waits, too.
    const { client } = this.#options.pipes();
    client.hold(lane, done);
    return done;
  }

  async #answered(pipe: Pipe, answered: readonly Answered[]): Promise<void> {
    await pipe.flush();
    const { operations, onAnswered } = this.#options;
    const strikes = answered.flatMap(({ candidates, operation, end }) =>
      operations.strikes(candidates, operation, end),
    );
    await onAnswered(pipe, strikes);
  }

  #answerReady(): void {
    const { operations, multiplexed, pipes } = this.#options;
    for (const ready of this.#answers) {
      if (!multiplexed && !operations.isFirst(ready.id)) continue;
      this.#answers = this.#answers.filter((other) => other !== ready);
      pipes().server.write([ready.bytes]);
      operations.end({ id: ready.id, outcome: 'error', code: ready.code });
      this.#answerReady();
      return;
    }
  }
}
