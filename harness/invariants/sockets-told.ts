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
import { contentOf } from '../history/records.ts';
import { IdTable } from './id-table.ts';
import type { Checker, Finding, Invariant } from './invariant.ts';
import { RowLists } from './row-lists.ts';
import type { Scope } from './scope.ts';
import { Findings } from './violations.ts';

/** Between a socket's opening and the news of it. */
const GRACE_MS = 10_000;

export const socketsTold: Invariant = {
  name: 'sockets-told',
  promise: 'Each socket that opens is told on websocket.connections, for its user.',
  needs: ['websocket', 'kafka'],
  reads: ['ws', 'kafka'],
  patienceMs: GRACE_MS,
  start: (scope) => new SocketsTold(scope),
};

/** What was seen of one user's sockets. */
interface Sockets {
  /** Dense, from 0. */
  readonly number: number;
  opened: number;
  /** How many were told of, each counted once. */
  told: number;
}

class SocketsTold implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #users = new Map<string, Sockets>();
  /** By the user's number: the event that opened a socket, and when. */
  readonly #opened = new RowLists(2);
  /** Sockets that were told of, by user and id. */
  readonly #told = new IdTable();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ws') {
      if (event.what !== 'open') return;
      this.#findings.look();
      const sockets = this.#of(event.userId);
      sockets.opened++;
      this.#opened.add(sockets.number, event.index, event.atMs);
    } else if (event.type === 'kafka' && !this.#scope.republished) {
      const said = contentOf(event, 'websocket.connections');
      if (said?.kind !== 'CONNECTED') return;
      const sockets = this.#of(said.userId);
      const id = `${sockets.number}\n${said.socketId}`;
      if (this.#told.note(id, event.index) === undefined) sockets.told++;
    }
  }

  #of(userId: string): Sockets {
    let sockets = this.#users.get(userId);
    if (sockets === undefined) {
      sockets = { number: this.#users.size, opened: 0, told: 0 };
      this.#users.set(this.#scope.userOf(userId), sockets);
    }
    return sockets;
  }

  finish(): Finding {
    for (const [userId, { number, opened, told }] of this.#users) {
      const due: number[] = [];
      for (const row of this.#opened.rowsOf(number)) {
        const waitedMs = this.#scope.lastMs - this.#opened.at(row, 1);
        if (waitedMs >= GRACE_MS) due.push(this.#opened.at(row, 0));
      }
      if (told < due.length) {
        this.#findings.violate(
          () =>
            `${userId} opened ${opened} sockets, and ${told} of them are told on ` +
            `websocket.connections.`,
          ...due,
        );
      } else if (told < opened) {
        this.#findings.undecided(`a socket of ${userId} opened just before the end`);
      }
    }
    return this.#findings.finding();
  }
}
