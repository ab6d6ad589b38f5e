/**
 * Claims: a socket gets frames of its own user's jobs only, of those that it asked for, and never
 * one above the level that it asked for; updates carry the level that their kind has.
 *
 * Checks: follows what each socket asked for (subscribe, resume, unsubscribe) and what it got; a
 * job's owner is who sent its command, or whom `job.updates` names. Frames between asking for less
 * and the answer to it may still be of the old level.
 *
 * Could be fooled: by a frame that carries another user's data in a field of an own job.
 */

import { IdTable } from '../checker/columns/id-table.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord, SocketEvent } from '../history/event.ts';
import { contentOf } from '../history/records.ts';
import { ALL_JOBS, jobFrame, LEVELS, levelOf } from '../history/subscriptions.ts';
import { SOCKET_SERVICE } from '../kernel/system.ts';

export const wsIsolation = defineInvariant({
  name: 'ws-isolation',
  promise: "A socket gets frames of its own user's jobs only, at the level it asked for or below.",
  concerns: [SOCKET_SERVICE],
  needs: ['websocket', 'kafka'],
  reads: ['ws', 'kafka'],
  diagnosis: {
    causes: [
      '`resume` or `unsubscribe` does not check the owner as `subscribe` does',
      'a fan-out is keyed by job or node only, not by user',
      'a subscription is kept after its token, socket or user has changed',
    ],
    look: 'the authorization of each message type; the index from job to sockets',
  },
  start: (scope) => new WsIsolation(scope),
});

/** The lowest level that may see an update of a kind, by the promise of the levels. */
const LEVEL_OF_KIND: Readonly<Record<string, number>> = {
  SUCCEEDED: 0,
  FAILED: 0,
  EXPIRED: 0,
  STARTED: 1,
  STEP_COMPLETED: 1,
  STEP_FAILED: 1,
  STEP_RETRIED: 2,
  COMPENSATING: 2,
  STEP_COMPENSATED: 2,
  DOMAIN_EVENT: 2,
};

/** What a socket may see of a job, or of all: the level in force, and the one asked for since. */
interface Grant {
  level: number;
  asked: number;
  at: number;
}

/** A frame whose job's owner is not known yet when it comes. */
interface Delivered {
  readonly jobId: string;
  readonly userId: string;
  readonly socket: string;
  readonly at: number;
}

class WsIsolation implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #grants = new Map<string, Map<string, Grant>>();
  /** Sockets that were closed or refused, and where. */
  readonly #closed = new IdTable();
  readonly #unowned: Delivered[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'kafka') this.#level(event);
    if (event.type !== 'ws') return;
    switch (event.what) {
      case 'sent':
        this.#sent(event);
        break;
      case 'frame':
        this.#got(event);
        break;
      case 'closed':
        this.#grants.delete(event.socket);
        this.#closed.replace(String(event.socket), event.index);
        break;
      case 'refused':
        this.#closed.replace(String(event.socket), event.index);
        break;
      case 'open':
        break;
    }
  }

  #level(record: KafkaRecord): void {
    if (this.#scope.republished) return;
    const update = contentOf(record, 'job.updates');
    if (update === undefined) return;
    const due = LEVEL_OF_KIND[update.kind];
    const is = levelOf(update.level);
    if (due === undefined || is === due) return;
    this.#findings.violate(
      () =>
        `Update ${update.sequence} of job ${update.jobId} is ${update.kind}, which level ` +
        `${LEVELS[due]} sees first, but is marked ${update.level}.`,
      record.index,
    );
  }

  #sent({ socket, message, index }: SocketEvent): void {
    const { type, jobId, positions } = message ?? {};
    const level = levelOf(message?.['level']);
    if (type === 'subscribe' && level !== undefined) {
      this.#ask(socket, typeof jobId === 'string' ? jobId : ALL_JOBS, level, index);
    } else if (type === 'resume' && level !== undefined && typeof positions === 'object') {
      for (const job of Object.keys(positions ?? {})) this.#ask(socket, job, level, index);
    }
  }

  #ask(socket: string, key: string, level: number, at: number): void {
    let grants = this.#grants.get(socket);
    if (grants === undefined) {
      grants = new Map();
      this.#grants.set(socket, grants);
    }
    const grant = grants.get(key);
    if (grant === undefined) {
      // Until it is acknowledged, a subscription to all jobs still serves this one.
      const served = Math.max(level, grants.get(ALL_JOBS)?.level ?? 0);
      grants.set(key, { level: served, asked: level, at });
    } else {
      // Until the answer comes, frames of the old and of the new level are both right.
      grant.asked = level;
      if (level > grant.level) {
        grant.level = level;
        grant.at = at;
      }
    }
  }

  #got(event: SocketEvent): void {
    const { message, socket, index } = event;
    const closed = this.#closed.find(String(socket));
    if (closed !== undefined) {
      this.#findings.violate(
        () => `Socket ${socket} got a frame after it was closed or refused.`,
        closed.index,
        index,
      );
    }
    const grants = this.#grants.get(socket);
    const key = typeof message?.['jobId'] === 'string' ? message['jobId'] : ALL_JOBS;
    if (message?.['type'] === 'subscribed') {
      const grant = grants?.get(key);
      if (grant !== undefined) {
        grant.level = Math.max(grant.asked, levelOf(message['level']) ?? grant.asked);
      }
    } else if (message?.['type'] === 'unsubscribed') {
      grants?.delete(key);
    }
    this.#frame(event, grants);
  }

  #frame(event: SocketEvent, grants: ReadonlyMap<string, Grant> | undefined): void {
    const frame = jobFrame(event.message);
    if (frame === undefined) return;
    this.#findings.look();
    const { socket, index, userId } = event;
    const { jobId } = frame;
    const owner = this.#scope.jobOf(jobId);
    if (owner?.userId === undefined) this.#unowned.push({ jobId, userId, socket, at: index });
    else if (owner.userId !== userId) this.#foreign(jobId, userId, socket, index);
    const granted = grants?.get(jobId);
    const all = grants?.get(ALL_JOBS);
    if (granted === undefined && all === undefined) {
      this.#findings.violate(
        () =>
          `Socket ${socket} of ${userId} got a frame of job ${jobId}, which it had not asked for.`,
        index,
      );
      return;
    }
    const most = (granted ?? all)?.level ?? 0;
    if ((levelOf(frame.level) ?? 0) <= most) return;
    this.#findings.violate(
      () =>
        `Socket ${socket} asked for level ${LEVELS[most]} of job ${jobId} and got an update of level ${frame.level}.`,
      (granted ?? all)?.at ?? -1,
      index,
    );
  }

  #foreign(jobId: string, userId: string, socket: string, at: number): void {
    const owner = this.#scope.jobOf(jobId);
    this.#findings.violate(
      () =>
        `Socket ${socket} of ${userId} got a frame of job ${jobId}, which is ${owner?.userId}'s.`,
      owner?.ownerAt ?? -1,
      at,
    );
  }

  finish(): Finding {
    for (const { jobId, userId, socket, at } of this.#unowned) {
      const owner = this.#scope.jobOf(jobId)?.userId;
      if (owner !== undefined && owner !== userId) this.#foreign(jobId, userId, socket, at);
    }
    return this.#findings.finding();
  }
}
