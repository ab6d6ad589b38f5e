/**
 * Claims: a consumer of `websocket.connections` knows every socket: for each socket that opens
 * there is one CONNECTED event with its user.
 *
 * Checks: counts, per user, the sockets that clients opened and the distinct sockets with a
 * CONNECTED event. There may be more events than sockets: a client can leave while its socket
 * opens. `no-leaked-resources` checks that a DISCONNECTED follows each CONNECTED.
 *
 * Could be fooled: by a user with one socket that lacks its event and an event for a socket that
 * never opened.
 */

import { IdTable } from '../checker/columns/id-table.ts';
import { TableLists } from '../checker/columns/table-lists.ts';
import { Findings } from '../checker/findings.ts';
import { type DeadlineChecker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { Scope } from '../checker/scope.ts';
import type { HistoryEvent } from '../history/event.ts';
import { contentOf } from '../history/records.ts';
import { SOCKET_SERVICE } from '../kernel/system.ts';

/** From a socket's opening to its CONNECTED event. */
const DEADLINE_MS = 10_000;

export const presenceEventsComplete = defineInvariant({
  name: 'presence-events-complete',
  promise: 'Each socket that opens has a CONNECTED event with its user on websocket.connections.',
  domain: true,
  concerns: [SOCKET_SERVICE],
  needs: ['websocket', 'kafka'],
  reads: ['ws', 'kafka'],
  deadlineMs: DEADLINE_MS,
  diagnosis: {
    causes: [
      'the event is published only after the first message of the socket',
      'an error of Kafka while a socket opens is ignored',
      'the user of another socket is reported: shared state between handshakes',
    ],
    look: 'the handshake and the close handler of the WebSocket service',
  },
  start: (scope) => new PresenceEventsComplete(scope),
});

/** What was seen of one user's sockets. */
interface Sockets {
  /** Dense, from 0. */
  readonly number: number;
  opened: number;
  /** How many have a CONNECTED event, each counted once. */
  announced: number;
}

class PresenceEventsComplete implements DeadlineChecker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #users = new Map<string, Sockets>();
  /** By the user's number: the event that opened a socket, and when. */
  readonly #opened = new TableLists({ at: 'number', atMs: 'number' });
  /** Sockets that have a CONNECTED event, by user and id. */
  readonly #announced = new IdTable();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ws') {
      if (event.what !== 'open') return;
      this.#findings.look();
      const sockets = this.#of(event.userId);
      sockets.opened++;
      this.#opened.add(sockets.number, { at: event.index, atMs: event.atMs });
    } else if (event.type === 'kafka' && !this.#scope.republished) {
      const connection = contentOf(event, 'websocket.connections');
      if (connection?.kind !== 'CONNECTED') return;
      const sockets = this.#of(connection.userId);
      const id = `${sockets.number}\n${connection.socketId}`;
      if (this.#announced.note(id, event.index) === undefined) sockets.announced++;
    }
  }

  #of(userId: string): Sockets {
    let sockets = this.#users.get(userId);
    if (sockets === undefined) {
      sockets = { number: this.#users.size, opened: 0, announced: 0 };
      this.#users.set(this.#scope.userOf(userId), sockets);
    }
    return sockets;
  }

  *pending(nowMs: number): Generator<string, void, undefined> {
    for (const [userId, sockets] of this.#users) {
      if (sockets.announced >= sockets.opened) continue;
      if (sockets.announced < this.#late(sockets, nowMs).length) continue;
      yield `a socket of ${userId} opened just before the end`;
    }
  }

  /** Where sockets opened whose CONNECTED is due at this time. */
  #late({ number }: Sockets, nowMs: number): number[] {
    const late = this.#opened.rowsOf(number).filter(({ atMs }) => nowMs - atMs >= DEADLINE_MS);
    return late.map(({ at }) => at);
  }

  finish(): Finding {
    const { lastMs } = this.#scope;
    this.#findings.undecided(...this.pending(lastMs));
    for (const [userId, sockets] of this.#users) {
      const { opened, announced } = sockets;
      const due = this.#late(sockets, lastMs);
      if (announced < due.length) {
        this.#findings.late(
          this.#scope.slowness.starved(lastMs - DEADLINE_MS, lastMs),
          () =>
            `${userId} opened ${opened} sockets; websocket.connections has a CONNECTED event for ` +
            `${announced} of them.`,
          ...due,
        );
      }
    }
    return this.#findings.finding();
  }
}
