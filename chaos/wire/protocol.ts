/**
 * What the wire proxy knows of a protocol: how a byte stream splits into messages, and which
 * operations those messages begin and answer. Decoders observe; they never build the bytes that are
 * forwarded, so that what a rule does not name passes unaltered.
 */
import type { WireAction } from '../../harness/links/wire-rules.ts';

/** Who sent the bytes: the service (`client`) or its dependency (`server`). */
export type Side = 'client' | 'server';

export type OperationAttributes = Readonly<Record<string, string | number | boolean>>;

/** Something that a service asks of a dependency, or that a dependency pushes to it. */
export interface Operation {
  /** Unique on its connection. */
  readonly id: number;
  /** `<protocol>.<verb>`: `kafka.produce`, `pg.commit`, `redis.evalsha`, `grpc.call`. */
  readonly name: string;
  /** Short values by which rules select it and people recognise it: topic, key, group, method. */
  readonly attributes: OperationAttributes;
  /**
   * Every byte string in which an identifier of this operation may be found: its own message, and
   * for a commit those of its whole transaction; decompressed where the protocol compresses.
   */
  readonly content: readonly Buffer[];
}

/** How an operation was answered. */
export interface OperationEnd {
  readonly id: number;
  readonly outcome: 'ok' | 'error';
  /** The protocol's own code for an error: `NOT_LEADER_OR_FOLLOWER`, `40001`, `READONLY`. */
  readonly code?: string | undefined;
  /** What only the answer tells: the offset of a record, the rows that changed, records fetched. */
  readonly attributes?: OperationAttributes;
  /** As {@link Operation.content}, of the answer: the records of a fetch, the rows of a query. */
  readonly content?: readonly Buffer[];
  /**
   * Of an answer about several things, such as the partitions of a fetch: a rule matches if
   * everything that it asks for holds for one of them. Each adds to what is above.
   */
  readonly parts?: readonly AnswerPart[];
}

export interface AnswerPart {
  readonly attributes: OperationAttributes;
  readonly content: readonly Buffer[];
}

/** The smallest unit that can be held, dropped or repeated: one or more whole protocol messages. */
export interface Message {
  readonly from: Side;
  /** Exactly as received. */
  readonly bytes: Buffer;
  /** Operations that this message begins. */
  readonly begins: readonly Operation[];
  /** Operations whose answer starts with this message; several messages can make up an answer. */
  readonly answers: readonly number[];
  /**
   * Operations whose answer is complete with this message. An operation without an answer, such as
   * a push, ends with the message that begins it.
   */
  readonly ends: readonly OperationEnd[];
  /**
   * Messages of one lane and side keep their order; those of another lane may overtake them while
   * they are held: the streams of HTTP/2. 0, the default, is the lane of protocols without streams.
   */
  readonly lane?: number;
  /** Answers the second copy of a repeated request. The client asked once: it is not forwarded. */
  readonly surplus?: true;
}

/** Decodes one connection. It is fed both directions in the order in which their bytes arrive. */
export interface Decoder {
  /**
   * @param bytes as they arrive, split anywhere
   * @returns the messages that are whole now, in order; the bytes of all messages together are the
   * bytes that were read, less {@link Decoder.pending}
   * @throws {@link OpaqueError} when this connection cannot be decoded (any more): no message of
   * this read counts then, and what it was about belongs to {@link Decoder.pending}
   */
  read(from: Side, bytes: Buffer): readonly Message[];
  /** What was read and belongs to no whole message yet: forwarded as it is if decoding stops. */
  pending(from: Side): Buffer;
  /**
   * The bytes to forward for a message; its own where this is absent. Called for each message when
   * it is forwarded, so that a decoder learns which requests the dependency sees and in what order:
   * answers are matched in this order. Called again for the same message to repeat it; undefined
   * when this message cannot be repeated.
   */
  forward?(message: Message): Buffer | undefined;
  /**
   * Called for each message that is not forwarded (dropped, answered by the proxy, surplus).
   *
   * @returns bytes that each side needs for the connection to go on: credit of flow control, the
   * end of a stream
   */
  withhold?(message: Message): Partial<Readonly<Record<Side, Buffer>>>;
  /**
   * The bytes that answer an operation with an error of the protocol, or undefined if the protocol
   * has none at this point.
   *
   * @param code as in {@link OperationEnd.code}
   */
  errorAnswer?(operation: Operation, code: string): Buffer | undefined;
  /**
   * What the dependency is sent in place of an operation that is answered with an error, so that it
   * is in the state that the error speaks of: a ROLLBACK for a COMMIT that fails. For the decoder
   * the message is forwarded; what comes back is not passed on. Undefined: the message is withheld.
   */
  insteadOf?(operation: Operation, code: string): Buffer | undefined;
}

/** A connection that the decoder cannot follow: TLS, an unknown version, a compression. */
export class OpaqueError extends Error {
  override readonly name = 'OpaqueError';
}

/** A protocol whose messages pass through unaltered in a byte stream. */
export interface Protocol {
  /** As in {@link Operation.name}. */
  readonly name: string;
  /** The names of operations that {@link Decoder}s report, for the reference and for typos. */
  readonly operations: readonly string[];
  /** Answers come in any order, each with the id of its request; otherwise in that of requests. */
  readonly multiplexed?: boolean;
  /** Actions of rules that would break this protocol: a rule with one of them is refused. */
  readonly refuses?: readonly WireAction['kind'][];
  /** A decoder for a connection that was just accepted. */
  open(): Decoder;
}
