/** What the contents of interactions over a WebSocket are: for consumers and for verification. */

type Json = Readonly<Record<string, unknown>>;

/** How a client asks for a socket. */
export interface SocketHandshake {
  readonly path: string;
  readonly headers: { readonly authorization?: string; readonly origin?: string };
  /** Subprotocols, in the order in which they are offered. */
  readonly protocols: readonly string[];
}

/**
 * One message of a client: JSON of the contract, or what the contract forbids: other text, so many
 * bytes of text, a binary frame. `times` says it as often as that at once.
 */
export type Said =
  | { readonly json: Json; readonly times?: number }
  | { readonly text: string }
  | { readonly textBytes: number }
  | { readonly binary: string };

/** A handshake and what is said after it, as the request of a synchronous message. */
export interface SocketRequest {
  readonly protocol: 'ws';
  readonly handshake: SocketHandshake;
  readonly says: readonly Said[];
  /** Report the answers to this request only, since those to others depend on timing. */
  readonly only?: string;
  /** Wait for the provider to close, and report the code; earlier frames are not reported. */
  readonly untilClosed?: boolean;
}

/** The outcome of the handshake and the messages. */
export interface SocketAnswer {
  /** HTTP: 101 when the socket is open. */
  readonly status: number;
  /** The subprotocol that was chosen. */
  readonly subprotocol?: string;
  /** Answers to what was said, in order; no updates. */
  readonly frames?: readonly Json[];
  readonly closeCode?: number;
}

/** What a frame came of, as the metadata of an asynchronous message: all of it text. */
export interface FrameMetadata {
  readonly protocol: 'ws';
  /** `job`: of the contract's job; `all`: of all jobs of the user. */
  readonly subscription: 'job' | 'all';
  readonly level: string;
  /** Of the subscription; `0` = from the first update. */
  readonly afterSequence: string;
  /** Type of the frame, and its kind when it has one: `update STARTED`. */
  readonly frame: string;
  /** Frames that the subscription had before it, or `nothing`. */
  readonly after: string;
}

/** What {@link FrameMetadata} calls a frame. */
export const frameName = (frame: Json): string =>
  frame['kind'] === undefined ? String(frame['type']) : `${frame['type']} ${frame['kind']}`;

export const framesBefore = (frames: readonly string[]): string =>
  frames.length === 0 ? 'nothing' : frames.join(', ');

/** How many frames answer a message; what only ends in a close is answered by none. */
export function answersDue(said: Said): number {
  if ('text' in said) return 1;
  if (!('json' in said)) return 0;
  const { positions } = said.json;
  const isResume = typeof positions === 'object' && positions !== null;
  return (isResume ? Object.keys(positions).length : 1) * (said.times ?? 1);
}
