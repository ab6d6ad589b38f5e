/**
 * gRPC over HTTP/2 without TLS. Frames pass as they are, so that flow control, pings, deadlines and
 * cancellation are those of the two ends; a proxy that ends HTTP/2 itself (node:http2) would answer
 * the pings of a client whose server is paused. Only where a rule has changed the order of header
 * blocks, they are written again, since HPACK compresses each with the state of those before it.
 */
import { MessageReader, type Step } from '../message-reader.ts';
import type { Protocol, Side } from '../protocol.ts';
import { type Decoder, type Message, OpaqueError, type Operation } from '../protocol.ts';
import type { Noted } from './call.ts';
import { errorAnswerOn } from './error-answer.ts';
import { EVENTSTORE_OPERATIONS } from './eventstore.ts';
import {
  cancelFrame,
  contentOf,
  creditFrame,
  DEFAULT_FRAME_BYTES,
  Flag,
  type Frame,
  FrameType,
  frameAt,
  frameLimitIn,
  headerBlockAt,
  PREFACE,
} from './frames.ts';
import { HpackDecoder } from './hpack.ts';
import { Rewriting, type Sent } from './rewriting.ts';
import { Stream } from './stream.ts';

interface Direction {
  readonly headers: HpackDecoder;
  /** Header blocks that were read. */
  blocks: number;
  frameBytesMax: number;
}

const direction = (): Direction => ({
  headers: new HpackDecoder(),
  blocks: 0,
  frameBytesMax: DEFAULT_FRAME_BYTES,
});

const NOTHING = Buffer.alloc(0);
const otherOf = (side: Side): Side => (side === 'client' ? 'server' : 'client');

class GrpcDecoder implements Decoder {
  readonly #reader = new MessageReader();
  readonly #directions: Readonly<Record<Side, Direction>> = {
    client: direction(),
    server: direction(),
  };
  readonly #streams = new Map<number, Stream>();
  readonly #rewriting = new Rewriting();
  readonly #sent = new WeakMap<Message, Sent>();
  readonly #streamOf = new WeakMap<Operation, Stream>();
  #hasPreface = false;
  #lastId = 0;

  read(from: Side, bytes: Buffer): Message[] {
    return this.#reader.read(from, bytes, (unread) => this.#next(from, unread));
  }

  pending(from: Side): Buffer {
    return this.#reader.pending(from);
  }

  forward(message: Message): Buffer | undefined {
    const sent = this.#sent.get(message);
    return sent ? this.#rewriting.forward(message, sent) : message.bytes;
  }

  withhold(message: Message): Partial<Record<Side, Buffer>> {
    const sent = this.#sent.get(message);
    if (!sent || sent.frame.type !== FrameType.data) return {};
    const { frame, stream } = sent;
    const { length } = frame.payload;
    const isOpen = !(frame.flags & Flag.endStream);
    const credit = length === 0 ? [] : [creditFrame(0, length)];
    if (isOpen && length > 0) credit.push(creditFrame(frame.stream, length));
    const amends: Partial<Record<Side, Buffer>> = { [message.from]: Buffer.concat(credit) };
    if (!stream) return amends;
    if (message.from === 'server') {
      stream.hasLostAnswer ||= message.ends.some(({ id }) => !stream.answeredByProxy.has(id));
    }
    const isCall = message.begins.length > 0 && stream.call?.errorMessage === undefined;
    const isRequest = isCall && message.from === 'client';
    if (stream.isCancelled || !(isRequest || stream.isEndedByProxy)) return amends;
    // The server has seen the headers of the call: without this it would wait for the rest.
    stream.isCancelled = true;
    const cancel = cancelFrame(this.#rewriting.numbering.toServer(stream.id));
    return { ...amends, server: Buffer.concat([amends.server ?? NOTHING, cancel]) };
  }

  errorAnswer(operation: Operation, code: string): Buffer | undefined {
    const stream = this.#streamOf.get(operation);
    return stream && errorAnswerOn(stream, operation, code);
  }

  #next(from: Side, unread: Buffer): Step {
    if (from === 'client' && !this.#hasPreface) return this.#preface(unread);
    const { frameBytesMax } = this.#directions[from];
    const first = frameAt(unread, frameBytesMax);
    if (typeof first === 'number') return { needs: first };
    if (first.type === FrameType.headers) return this.#headers(from, first, unread);
    if (first.type === FrameType.pushPromise || first.type === FrameType.continuation) {
      throw new OpaqueError(`a frame of type ${first.type} is not expected`);
    }
    return { message: this.#frame(from, first) };
  }

  #preface(unread: Buffer): Step {
    const length = Math.min(unread.length, PREFACE.length);
    if (!unread.subarray(0, length).equals(PREFACE.subarray(0, length))) {
      throw new OpaqueError('the client speaks another protocol than HTTP/2 without TLS');
    }
    if (length < PREFACE.length) return { needs: PREFACE.length };
    this.#hasPreface = true;
    const bytes = unread.subarray(0, length);
    return { message: { from: 'client', bytes, begins: [], answers: [], ends: [] } };
  }

  #headers(from: Side, first: Frame, unread: Buffer): Step {
    const way = this.#directions[from];
    const whole = headerBlockAt(first, unread, way.frameBytesMax);
    if (typeof whole === 'number') return { needs: whole };
    const block = way.headers.decode(whole.block);
    const headers = { block, place: way.blocks++ };
    return { message: this.#frame(from, { ...first, bytes: whole.bytes }, headers) };
  }

  #frame(from: Side, frame: Frame, headers?: Sent['headers']): Message {
    const isCopy = from === 'server' && this.#rewriting.numbering.isAdded(frame.stream);
    const id = from === 'server' ? this.#rewriting.numbering.toClient(frame.stream) : frame.stream;
    const noted: Noted = { begins: [], answers: [], ends: [], isSurplus: isCopy };
    if (frame.type === FrameType.settings && !(frame.flags & Flag.ack)) {
      const limit = frameLimitIn(frame);
      if (limit !== undefined) this.#directions[otherOf(from)].frameBytesMax = limit;
    }
    const stream = isCopy ? undefined : this.#note({ from, frame, id, headers, noted });
    const { isSurplus, ...meaning } = noted;
    const message: Message = {
      ...{ from, bytes: frame.bytes, ...meaning },
      ...(isSurplus ? { surplus: true } : {}),
      // A copy has a lane of its own, which no stream of the client has.
      lane: isCopy ? -frame.stream : id,
    };
    if (stream && from === 'client') stream.begun += noted.begins.length;
    for (const operation of noted.begins) if (stream) this.#streamOf.set(operation, stream);
    this.#sent.set(message, {
      ...{ frame, stream, isForwarded: false },
      ...(headers ? { headers } : {}),
    });
    return message;
  }

  #note({ from, frame, id, headers, noted }: Noting): Stream | undefined {
    const isLast = (frame.flags & Flag.endStream) !== 0;
    if (headers && from === 'client' && !this.#streams.has(id)) {
      this.#streams.set(id, new Stream(id, headers.block.fields, () => ++this.#lastId));
    }
    const stream = this.#streams.get(id);
    if (!stream) return undefined;
    if (frame.type === FrameType.data) {
      if (from === 'client') stream.keepRequest(frame.bytes);
      if (from === 'client') stream.requested(contentOf(frame), isLast, noted);
      else stream.responded(contentOf(frame), noted);
    } else if (headers) {
      if (from === 'client' && isLast) stream.requested(NOTHING, isLast, noted);
      if (from === 'server') {
        const end = stream.answerHeaders(headers.block.fields, isLast);
        if (end) stream.closed(end, noted);
      }
    } else if (frame.type === FrameType.reset) {
      stream.reset(frame.payload.length >= 4 ? frame.payload.readUInt32BE() : 0, noted);
    }
    if (frame.type === FrameType.reset || (from === 'server' && isLast)) this.#streams.delete(id);
    return stream;
  }
}

interface Noting {
  readonly from: Side;
  readonly frame: Frame;
  readonly id: number;
  readonly headers: Sent['headers'];
  readonly noted: Noted;
}

export const grpc: Protocol = {
  name: 'grpc',
  operations: ['grpc.call', ...EVENTSTORE_OPERATIONS],
  multiplexed: true,
  open: () => new GrpcDecoder(),
};
