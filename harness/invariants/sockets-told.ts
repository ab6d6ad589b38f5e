/**
 * Claims: whoever watches `websocket.connections` knows of every socket: each that opens is told as
 * CONNECTED, once, for its user.
 *
 * Checks: counts, by user, the sockets that clients opened and the distinct sockets that were told
 * of. More may be told of than opened: a client can go while its socket opens. That each which came
 * also goes is for `nothing-left-over`.
 *
 * Could be fooled: by a user whose socket is not told of while another, that never opened, is.
 */
import type { HistoryEvent } from '../history/event.ts';
import type { Checker, Finding, Invariant } from './invariant.ts';
import { contentOf } from './records.ts';
import type { Scope } from './scope.ts';
import { Findings } from './violations.ts';

export const socketsTold: Invariant = {
  name: 'sockets-told',
  promise: 'Each socket that opens is told on websocket.connections, for its user.',
  needs: ['websocket', 'kafka'],
  reads: ['ws', 'kafka'],
  start: (scope) => new SocketsTold(scope),
};

/** Between a socket's opening and the news of it. */
const GRACE_MS = 10_000;

interface Opened {
  readonly socket: string;
  readonly at: number;
  readonly atMs: number;
}

class SocketsTold implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #opened = new Map<string, Opened[]>();
  readonly #told = new Map<string, Set<string>>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ws') {
      if (event.what !== 'open') return;
      this.#findings.look();
      const { socket, index: at, atMs, userId } = event;
      const opened = this.#opened.get(userId) ?? [];
      opened.push({ socket, at, atMs });
      this.#opened.set(userId, opened);
    } else if (event.type === 'kafka' && !this.#scope.republished) {
      const said = contentOf(event, 'websocket.connections');
      if (said?.kind !== 'CONNECTED') return;
      const told = this.#told.get(said.userId) ?? new Set();
      this.#told.set(said.userId, told.add(said.socketId));
    }
  }

  finish(): Finding {
    for (const [userId, opened] of this.#opened) {
      const told = this.#told.get(userId)?.size ?? 0;
      const due = opened.filter(({ atMs }) => this.#scope.lastMs - atMs >= GRACE_MS);
      if (told >= due.length) {
        if (told < opened.length) {
          this.#findings.undecided(`a socket of ${userId} opened just before the end`);
        }
        continue;
      }
      this.#findings.violate(
        () =>
          `${userId} opened ${opened.length} sockets, and ${told} of them are told on ` +
          `websocket.connections.`,
        ...due.map(({ at }) => at),
      );
    }
    return this.#findings.finding();
  }
}
