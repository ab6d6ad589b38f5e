/** Frames as the other side gets them: unaltered, unless a rule has changed what came before. */
import type { Message, Side } from '../protocol.ts';
import { Flag, type Frame, FrameType, headersFrames, renumbered } from './frames.ts';
import { EMPTY_TABLE, type HeaderBlock } from './hpack.ts';
import { Numbering } from './numbering.ts';
import type { Stream } from './stream.ts';

/** What a message needs when it is forwarded, withheld or repeated. */
export interface Sent {
  readonly frame: Frame;
  /** With all continuations, and its place in the order of compression. */
  readonly headers?: { readonly block: HeaderBlock; readonly place: number };
  readonly stream: Stream | undefined;
  isForwarded: boolean;
}

interface Order {
  /** The place of the next header block, as long as the receiver gets all of them in order. */
  nextPlace: number;
  /** The receiver's table differs from the sender's: header blocks are written again. */
  isLiteral: boolean;
}

const NOTHING = Buffer.alloc(0);

export class Rewriting {
  readonly numbering = new Numbering();
  readonly #orders: Readonly<Record<Side, Order>> = {
    client: { nextPlace: 0, isLiteral: false },
    server: { nextPlace: 0, isLiteral: false },
  };

  forward(message: Message, sent: Sent): Buffer | undefined {
    if (sent.isForwarded) return this.#repeat(message, sent);
    sent.isForwarded = true;
    return message.from === 'client'
      ? this.#toServer(message, sent)
      : this.#toClient(message, sent);
  }

  #toServer(message: Message, sent: Sent): Buffer {
    const { frame, stream, headers } = sent;
    if (stream?.isCancelled) return NOTHING;
    const id = this.numbering.toServer(frame.stream);
    if (headers) this.numbering.opened(frame.stream);
    const bytes = this.#inOrder(message, sent, id);
    // Credit for the answer of a copy is given when that is withheld.
    const copies = frame.type === FrameType.windowUpdate ? [] : (stream?.copies ?? []);
    return copies.length === 0
      ? bytes
      : Buffer.concat([bytes, ...copies.map((copy) => renumbered(frame.bytes, copy))]);
  }

  #toClient(message: Message, sent: Sent): Buffer {
    const { frame, stream, headers } = sent;
    const isFirst = headers !== undefined && !(frame.flags & Flag.endStream);
    const isLost = headers !== undefined && !isFirst && stream?.hasLostAnswer;
    // The proxy has sent the first headers with an answer of its own, or has ended the call.
    if (stream?.isEndedByProxy || isLost || (isFirst && stream?.hasHeaders)) {
      // The client's table misses this block.
      if (headers) this.#orders.server.isLiteral = true;
      return NOTHING;
    }
    if (isFirst && stream) stream.hasHeaders = true;
    if (frame.type === FrameType.goAway && frame.payload.length >= 4) return this.#goAway(frame);
    return this.#inOrder(message, sent, this.numbering.toClient(frame.stream));
  }

  #inOrder(message: Message, { frame, headers }: Sent, id: number): Buffer {
    const order = this.#orders[message.from];
    if (headers && headers.place !== order.nextPlace) order.isLiteral = true;
    if (headers && order.isLiteral) {
      const isFirst = order.nextPlace !== Number.POSITIVE_INFINITY;
      order.nextPlace = Number.POSITIVE_INFINITY;
      return headersFrames({
        stream: id,
        fields: headers.block.fields,
        endsStream: (frame.flags & Flag.endStream) !== 0,
        ...(isFirst || headers.block.resizes ? { prefix: EMPTY_TABLE } : {}),
      });
    }
    if (headers) order.nextPlace += 1;
    return id === frame.stream ? frame.bytes : renumbered(frame.bytes, id);
  }

  /** The last stream that the server will answer, as the client numbers it. */
  #goAway(frame: Frame): Buffer {
    const last = frame.payload.readUInt32BE() & 0x7fffffff;
    const bytes = Buffer.from(frame.bytes);
    if (last !== 0x7fffffff) bytes.writeUInt32BE(this.numbering.toClient(last), 9);
    return bytes;
  }

  /** The second copy of a message: within its call, or as a call of its own. */
  #repeat(message: Message, { frame, stream }: Sent): Buffer | undefined {
    if (message.begins.length === 0 || !stream) return undefined;
    if (message.from === 'server') return renumbered(frame.bytes, stream.id);
    if (frame.type !== FrameType.data || stream.isCancelled) return undefined;
    if (stream.call?.repeat && !(frame.flags & Flag.endStream)) {
      if (!stream.repeat(message.begins)) return undefined;
      return renumbered(frame.bytes, this.numbering.toServer(stream.id));
    }
    // A call that has ended takes no more; one with nothing but this operation is repeated whole.
    if (!stream.requestFrames || stream.begun > 1) return undefined;
    const id = this.numbering.add();
    stream.copies.push(id);
    const headers = headersFrames({ stream: id, fields: stream.fields, endsStream: false });
    const frames = stream.requestFrames.map((bytes) => renumbered(bytes, id));
    return Buffer.concat([headers, ...frames]);
  }
}
