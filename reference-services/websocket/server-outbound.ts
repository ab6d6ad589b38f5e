import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import type { Frame } from './domain.ts';
import type { Outbound } from './ports.ts';
import type { FrameEncoder, TurnWriter } from './server-frames.ts';

/** Close code of contracts/spec/asyncapi.yaml. */
const CLOSE_TOO_SLOW = 4008;
/**
 * Bytes that are handed to the connection before the client reads. The rest waits here, and is
 * dropped when the client is too slow: a close frame does not wait behind it.
 */
const HANDED_OVER_BYTES_MAX = 65_536;
/** How long the replay of a log waits for a client that does not read. */
const ROOM_TIMEOUT_MS = LIMITS.websocket.replayWaitMs;

export interface OutboundLimits {
  /** Bytes that wait for a client. */
  readonly sendBytesMax: number;
  /** Frames that wait for a client. */
  readonly sendFramesMax: number;
  /** A client that does not answer a close frame in this time is cut off. */
  readonly closeTimeoutMs: number;
}

export interface OutboundParts {
  readonly limits: OutboundLimits;
  readonly encoder: FrameEncoder;
  readonly writer: TurnWriter;
  readonly onSent: (type: Frame['type']) => void;
}

/** Frames to one client, with a bound on what waits for it. */
export class SocketOutbound implements Outbound {
  readonly #ws: WebSocket;
  readonly #stream: Duplex;
  readonly #parts: OutboundParts;
  /** Frames that are not handed to the connection yet. */
  #backlog: Buffer[] = [];
  #backlogBytes = 0;
  #framesHandedOver = 0;
  #onRoom: (() => void) | undefined;
  /** The code that this side closed with, whether or not the client ever read it. */
  closedWith: number | undefined;

  /** @param stream the connection of `ws`, which compresses nothing */
  constructor(ws: WebSocket, stream: Duplex, parts: OutboundParts) {
    this.#ws = ws;
    this.#stream = stream;
    this.#parts = parts;
    ws.once('close', () => {
      this.#dropBacklog();
      this.#onRoom?.();
    });
  }

  send(frame: Frame): void {
    const { limits, onSent, encoder } = this.#parts;
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    const isFull =
      this.#framesWaiting >= limits.sendFramesMax || this.#bytesWaiting > limits.sendBytesMax;
    if (isFull) {
      this.#closeTooSlow();
      return;
    }
    onSent(frame.type);
    const encoded = encoder.encode(frame);
    if (this.#backlog.length === 0 && this.#stream.writableLength < HANDED_OVER_BYTES_MAX) {
      this.#handOver(encoded);
    } else {
      this.#backlog.push(encoded);
      this.#backlogBytes += encoded.length;
    }
  }

  get #framesWaiting(): number {
    return this.#framesHandedOver + this.#backlog.length;
  }

  get #bytesWaiting(): number {
    return this.#stream.writableLength + this.#backlogBytes;
  }

  #handOver(encoded: Buffer): void {
    this.#framesHandedOver += 1;
    this.#parts.writer.write(this.#stream, encoded, this.#onWritten);
  }

  readonly #onWritten = (): void => {
    this.#framesHandedOver -= 1;
    this.#handOverBacklog();
    if (this.#onRoom !== undefined && this.#hasRoom()) this.#onRoom();
  };

  #handOverBacklog(): void {
    if (this.#backlog.length === 0 || this.#ws.readyState !== WebSocket.OPEN) return;
    let count = 0;
    for (const encoded of this.#backlog) {
      if (this.#stream.writableLength >= HANDED_OVER_BYTES_MAX) break;
      count += 1;
      this.#backlogBytes -= encoded.length;
      this.#handOver(encoded);
    }
    if (count > 0) this.#backlog = this.#backlog.slice(count);
  }

  #dropBacklog(): void {
    this.#backlog = [];
    this.#backlogBytes = 0;
  }

  #closeTooSlow(): void {
    this.#dropBacklog();
    this.close(CLOSE_TOO_SLOW, 'the client reads too slowly');
  }

  #hasRoom(): boolean {
    const { sendBytesMax, sendFramesMax } = this.#parts.limits;
    return (
      this.#ws.readyState !== WebSocket.OPEN ||
      (this.#bytesWaiting <= sendBytesMax / 2 && this.#framesWaiting <= sendFramesMax / 2)
    );
  }

  async room(): Promise<void> {
    if (this.#hasRoom()) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => {
        this.#closeTooSlow();
        resolve();
      }, ROOM_TIMEOUT_MS);
      // More than one reader may wait: each goes on when there is room.
      const others = this.#onRoom;
      this.#onRoom = () => {
        clearTimeout(late);
        this.#onRoom = undefined;
        others?.();
        resolve();
      };
    });
  }

  close(code: number, reason: string): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    const { closeTimeoutMs } = this.#parts.limits;
    this.closedWith = code;
    // What was accepted before goes first.
    for (const encoded of this.#backlog) this.#handOver(encoded);
    this.#dropBacklog();
    this.#ws.close(code, reason);
    const late = setTimeout(() => this.#ws.terminate(), closeTimeoutMs);
    this.#ws.once('close', () => clearTimeout(late));
  }
}
