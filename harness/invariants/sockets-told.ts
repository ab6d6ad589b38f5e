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

/** What was seen of one user's sockets. */
interface Sockets {
  /** Two numbers each: the event that opened it, and when. */
  readonly opened: number[];
  /** Ids that were told of, each once. */
  readonly told: string[];
}

class SocketsTold implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #users = new Map<string, Sockets>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ws') {
      if (event.what !== 'open') return;
      this.#findings.look();
      this.#of(event.userId).opened.push(event.index, event.atMs);
    } else if (event.type === 'kafka' && !this.#scope.republished) {
      const said = contentOf(event, 'websocket.connections');
      if (said?.kind !== 'CONNECTED') return;
      const { told } = this.#of(said.userId);
      if (!told.includes(said.socketId)) told.push(said.socketId);
    }
  }

  #of(userId: string): Sockets {
    let sockets = this.#users.get(userId);
    if (sockets === undefined) {
      sockets = { opened: [], told: [] };
      this.#users.set(userId, sockets);
    }
    return sockets;
  }

  finish(): Finding {
    for (const [userId, { opened, told }] of this.#users) {
      const due: number[] = [];
      for (let at = 0; at < opened.length; at += 2) {
        const [index = 0, atMs = 0] = opened.slice(at, at + 2);
        if (this.#scope.lastMs - atMs >= GRACE_MS) due.push(index);
      }
      const count = opened.length / 2;
      if (told.length < due.length) {
        this.#findings.violate(
          () =>
            `${userId} opened ${count} sockets, and ${told.length} of them are told on ` +
            `websocket.connections.`,
          ...due,
        );
      } else if (told.length < count) {
        this.#findings.undecided(`a socket of ${userId} opened just before the end`);
      }
    }
    return this.#findings.finding();
  }
}
