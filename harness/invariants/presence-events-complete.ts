/**
 * Claims: a consumer of `websocket.connections` knows every socket: for each socket that opens
 * there is one CONNECTED event with its user, and in time after it ended, however it ended, one
 * DISCONNECTED event: after a close, when its client vanished, and when its node died.
 *
 * Checks: counts, per user, the sockets that clients opened and the distinct sockets with a
 * CONNECTED event; and for each end of a socket the ends so far and the distinct sockets with a
 * DISCONNECTED event until its deadline. There may be more events than sockets: a client can leave
 * while its socket opens. `no-leaked-resources` checks that each belongs to a CONNECTED.
 *
 * Could be fooled: by a user with one socket that lacks its event and an event for a socket that
 * never opened.
 */

import { IdTable } from '../checker/columns/id-table.ts';
import { TableLists } from '../checker/columns/table-lists.ts';
import { Findings } from '../checker/findings.ts';
import { type DeadlineChecker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord } from '../history/event.ts';
import { contentOf } from '../history/records.ts';
import { SOCKET_SERVICE } from '../kernel/system.ts';

/** From a socket's opening to its CONNECTED event. */
const CONNECTED_MS = 10_000;
/** From a socket's end to its DISCONNECTED event, also if its node ended with it. */
const DISCONNECTED_MS = 30_000;

export const presenceEventsComplete = defineInvariant({
  name: 'presence-events-complete',
  promise:
    'Each socket has a CONNECTED event with its user, and a DISCONNECTED event once it has ended.',
  domain: true,
  concerns: [SOCKET_SERVICE],
  needs: ['websocket', 'kafka'],
  reads: ['ws', 'kafka'],
  deadlineMs: DISCONNECTED_MS,
  diagnosis: {
    causes: [
      'a node that dies is not noticed by the others: its sockets are never reported',
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
  closed: number;
  /** How many have a DISCONNECTED event, each counted once. */
  gone: number;
}

class PresenceEventsComplete implements DeadlineChecker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #users = new Map<string, Sockets>();
  /** By the user's number: the event that opened a socket, and when. */
  readonly #opened = new TableLists({ at: 'number', atMs: 'number' });
  /** By the user's number: where a socket ended, and when. */
  readonly #closed = new TableLists({ at: 'number', atMs: 'number' });
  /** By the user's number: when a socket was first reported as disconnected. */
  readonly #gone = new TableLists({ atMs: 'number' });
  /** Sockets that have an event, by its kind, user and id. */
  readonly #said = new IdTable();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ws') {
      const { index: at, atMs } = event;
      if (event.what === 'open') {
        this.#findings.look();
        const sockets = this.#of(event.userId);
        sockets.opened++;
        this.#opened.add(sockets.number, { at, atMs });
      } else if (event.what === 'closed') {
        const sockets = this.#of(event.userId);
        sockets.closed++;
        this.#closed.add(sockets.number, { at, atMs });
      }
    } else if (event.type === 'kafka' && !this.#scope.republished) this.#connection(event);
  }

  #connection(record: KafkaRecord): void {
    const connection = contentOf(record, 'websocket.connections');
    if (connection === undefined) return;
    const { kind, socketId, userId } = connection;
    const sockets = this.#of(userId);
    const id = `${kind}\n${sockets.number}\n${socketId}`;
    if (this.#said.note(id, record.index) !== undefined) return;
    if (kind === 'CONNECTED') sockets.announced++;
    if (kind !== 'DISCONNECTED') return;
    sockets.gone++;
    this.#gone.add(sockets.number, { atMs: record.timestampMs });
  }

  #of(userId: string): Sockets {
    let sockets = this.#users.get(userId);
    if (sockets === undefined) {
      sockets = { number: this.#users.size, opened: 0, announced: 0, closed: 0, gone: 0 };
      this.#users.set(this.#scope.userOf(userId), sockets);
    }
    return sockets;
  }

  *pending(nowMs: number): Generator<string, void, undefined> {
    for (const [userId, sockets] of this.#users) {
      const { announced, opened, gone, closed, number } = sockets;
      if (announced < opened && announced >= this.#late(sockets, nowMs).length) {
        yield `a socket of ${userId} opened just before the end`;
      }
      const lastMs = this.#closed.last(number)?.atMs ?? Number.NEGATIVE_INFINITY;
      if (gone < closed && nowMs - lastMs < DISCONNECTED_MS) {
        yield `a socket of ${userId} ended just before the end`;
      }
    }
  }

  /** Where sockets opened whose CONNECTED is due at this time. */
  #late({ number }: Sockets, nowMs: number): number[] {
    const late = this.#opened.rowsOf(number).filter(({ atMs }) => nowMs - atMs >= CONNECTED_MS);
    return late.map(({ at }) => at);
  }

  finish(): Finding {
    const { lastMs } = this.#scope;
    this.#findings.undecided(...this.pending(lastMs));
    for (const [userId, sockets] of this.#users) {
      this.#connected(userId, sockets, lastMs);
      this.#disconnected(userId, sockets, lastMs);
    }
    return this.#findings.finding();
  }

  #connected(userId: string, sockets: Sockets, lastMs: number): void {
    const { opened, announced } = sockets;
    const due = this.#late(sockets, lastMs);
    if (announced >= due.length) return;
    this.#findings.late(
      this.#scope.slowness.starved(lastMs - CONNECTED_MS, lastMs),
      () =>
        `${userId} opened ${opened} sockets; websocket.connections has a CONNECTED event for ` +
        `${announced} of them.`,
      ...due,
    );
  }

  /** The first end of a socket after which too few had been reported when it was due. */
  #disconnected(userId: string, { number }: Sockets, lastMs: number): void {
    const gone = this.#gone.rowsOf(number).map(({ atMs }) => atMs);
    const ends = this.#closed.rowsOf(number);
    for (const [place, { atMs }] of ends.entries()) {
      const dueMs = atMs + DISCONNECTED_MS;
      if (dueMs > lastMs) return;
      const reported = gone.filter((goneMs) => goneMs <= dueMs).length;
      if (reported > place) continue;
      this.#findings.late(
        this.#scope.slowness.starved(atMs, dueMs),
        () =>
          `${place + 1} sockets of ${userId} had ended, and ${DISCONNECTED_MS / 1_000} s later ` +
          `websocket.connections had a DISCONNECTED event for ${reported} of them.`,
        ...ends.slice(0, place + 1).map((end) => end.at),
      );
      return;
    }
  }
}
