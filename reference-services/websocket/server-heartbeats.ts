import type { WebSocket } from 'ws';

/** Sockets are pinged in this many groups, one after another, and not all at once. */
const GROUPS = 10;

interface Beat {
  readonly ws: WebSocket;
  isAlive: boolean;
}

/** Finds connections that are only half there, with one timer for all sockets. */
export class Heartbeats implements Disposable {
  readonly #groups: ReadonlyArray<Set<Beat>> = Array.from({ length: GROUPS }, () => new Set());
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #added = 0;

  /** @param intervalMs between two pings of a socket; one unanswered at the next is cut off */
  constructor(intervalMs: number) {
    this.#timer = setInterval(() => this.#beat(), intervalMs / GROUPS);
  }

  /** Pings a socket from now on, until it closes. */
  add(ws: WebSocket): void {
    const beat: Beat = { ws, isAlive: true };
    const group = this.#groups[this.#added % GROUPS] as Set<Beat>;
    this.#added += 1;
    group.add(beat);
    ws.on('pong', () => {
      beat.isAlive = true;
    });
    ws.once('close', () => group.delete(beat));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const group = this.#groups[this.#next % GROUPS] as Set<Beat>;
    this.#next += 1;
    for (const beat of group) {
      if (beat.isAlive) {
        beat.isAlive = false;
        beat.ws.ping();
      } else {
        beat.ws.terminate();
      }
    }
  }
}
