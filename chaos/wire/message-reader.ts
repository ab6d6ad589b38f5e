/** Cuts two byte streams into messages: what is the same for every decoder. */
import type { Message, Side } from './protocol.ts';

/** A whole message at the start of the unread bytes, or how many of them there must be at least. */
export type Step =
  | { readonly message: Message; readonly needs?: never }
  | { readonly needs: number; readonly message?: never };

interface Unread {
  chunks: Buffer[];
  length: number;
  /** The bytes that the next message needs at least: parsing fewer would be in vain. */
  needs: number;
}

const nothing = (): Unread => ({ chunks: [], length: 0, needs: 1 });

/** Keeps what belongs to no whole message yet. */
export class MessageReader {
  readonly #unread: Readonly<Record<Side, Unread>> = { client: nothing(), server: nothing() };

  /**
   * @param next looks at the unread bytes of this side, at least one
   * @returns the messages that are whole; when `next` throws, all that was read is pending again
   */
  read(from: Side, bytes: Buffer, next: (unread: Buffer) => Step): Message[] {
    const unread = this.#unread[from];
    unread.chunks.push(bytes);
    unread.length += bytes.length;
    if (unread.length < unread.needs) return [];
    const all = unread.chunks.length === 1 ? bytes : Buffer.concat(unread.chunks, unread.length);
    // Until `next` has returned: what it throws for is pending.
    unread.chunks = [all];
    const messages: Message[] = [];
    let at = 0;
    while (at < all.length) {
      const step = next(at === 0 ? all : all.subarray(at));
      if (step.message === undefined) {
        unread.needs = step.needs;
        break;
      }
      messages.push(step.message);
      at += step.message.bytes.length;
    }
    if (at === all.length) unread.needs = 1;
    unread.chunks = at === all.length ? [] : [all.subarray(at)];
    unread.length = all.length - at;
    return messages;
  }

  /** As in `Decoder.pending`. */
  pending(from: Side): Buffer {
    return Buffer.concat(this.#unread[from].chunks);
  }
}
