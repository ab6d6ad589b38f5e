/**
 * Claims: when everything has ended, nothing of it is left: no reservation, hold or shipment of a
 * rejected or cancelled order, no entry of a closed socket, no temporary consumer group, no job
 * that has not ended, and no job that would never be forgotten.
 *
 * Checks: compares end states (as services answer, and Redis) with outcomes on `order.events` and
 * with the sockets that the clients closed, and CONNECTED with DISCONNECTED events of each socket.
 * Where a node of the WebSocket tier was killed, its sockets may keep their entries until its
 * heartbeat expires; one that drains takes them with it.
 *
 * Could be fooled: by anything that is left where no end state is read.
 */

import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type {
  HistoryEvent,
  KafkaRecord,
  ProcessEvent,
  SocketEvent,
  StateSeen,
} from '../history/event.ts';
import { contentOf, stateOf } from '../history/records.ts';
import { STATEFUL_SERVICES } from '../kernel/system.ts';

export const noLeakedResources = defineInvariant({
  name: 'no-leaked-resources',
  promise: 'When all has ended, no reservation, hold, socket, group or unfinished job is left.',
  domain: true,
  concerns: STATEFUL_SERVICES,
  needs: ['kafka', 'redis', 'postgres'],
  features: ['redis-layout'],
  reads: ['ws', 'kafka', 'process', 'state'],
  diagnosis: {
    causes: [
      'a cleanup runs on the regular path only, not when a socket or process ends abnormally',
      'an undo step reports success without releasing anything',
      'keys have no TTL, or the TTL of one that is in use is extended forever',
    ],
    look: 'the cleanup of what the violation names; the undo steps',
  },
  start: (scope) => new NoLeakedResources(scope),
});

/** Between a socket's close and the end of its entry; the service has to notice and to delete. */
const SOCKET_GRACE_MS = 2_000;

/** Between the death of a node and the end of the last entry of its sockets. */
const HEARTBEAT_GRACE_MS = 30_000;

/** What a participant may hold for an order with this outcome: these statuses are too much. */
const TOO_MUCH = {
  rejected: {
    reservation: ['RESERVED'],
    payment: ['AUTHORIZED', 'CAPTURED'],
    shipment: ['SCHEDULED', 'DISPATCHED'],
  },
  cancelled: {
    reservation: ['RESERVED'],
    payment: ['AUTHORIZED', 'CAPTURED'],
    shipment: ['SCHEDULED', 'DISPATCHED'],
  },
  approved: {
    reservation: ['RELEASED', 'RESTOCKED'],
    payment: ['AUTHORIZED', 'VOIDED', 'REFUNDED'],
    shipment: ['CANCELLED'],
  },
} as const;

/** What was seen of one user's sockets: how many are open, and where and when the last closed. */
interface Sockets {
  open: number;
  closedAt: number;
  closedMs: number;
}

class NoLeakedResources implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** By user. */
  readonly #sockets = new Map<string, Sockets>();
  /** Sockets that came and did not go, as `websocket.connections` reports. */
  readonly #connected = new Map<string, { userId: string; nodeId: string; at: number }>();
  /** Instances that were killed, and when that was last. */
  readonly #killedMs = new Map<string, number>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    switch (event.type) {
      case 'ws':
        this.#socket(event);
        break;
      case 'kafka':
        this.#connection(event);
        break;
      case 'process':
        this.#process(event);
        break;
      case 'state':
        this.#state(event);
        break;
    }
  }

  #socket({ what, userId, index, atMs }: SocketEvent): void {
    if (what !== 'open' && what !== 'closed') return;
    let sockets = this.#sockets.get(userId);
    if (sockets === undefined) {
      sockets = { open: 0, closedAt: NEVER, closedMs: 0 };
      this.#sockets.set(this.#scope.userOf(userId), sockets);
    }
    sockets.open += what === 'open' ? 1 : -1;
    if (what === 'open') return;
    sockets.closedAt = index;
    sockets.closedMs = atMs;
  }

  /** A user's sockets, when the last of them closed some time ago. */
  #closed(userId: string, nowMs: number): Sockets | undefined {
    const sockets = this.#sockets.get(userId);
    if (sockets === undefined || sockets.open > 0 || sockets.closedAt === NEVER) return undefined;
    return nowMs - sockets.closedMs < SOCKET_GRACE_MS ? undefined : sockets;
  }

  #connection(record: KafkaRecord): void {
    const { republished, users } = this.#scope;
    const said = contentOf(record, 'websocket.connections');
    if (said === undefined || republished) return;
    const { socketId, userId, kind, nodeId } = said;
    if (kind === 'DISCONNECTED') {
      if (this.#connected.delete(socketId) || !users.has(userId)) return;
      this.#findings.violate(
        () =>
          `Socket ${socketId} of ${userId} has a DISCONNECTED event, but no CONNECTED event before it.`,
        record.index,
      );
      // Its user may not have been seen yet: the broker's word can be quicker than the client's.
    } else if (kind === 'CONNECTED') {
      this.#connected.set(socketId, { userId, nodeId, at: record.index });
    }
  }

  #process({ instance, what, exitCode, atMs }: ProcessEvent): void {
    if (what === 'exited' && exitCode !== 0) this.#killedMs.set(instance, atMs);
  }

  /** Whether a node was killed so recently that its sockets' entries may not have expired yet. */
  #isFreshlyKilled(node: string, nowMs: number): boolean {
    return nowMs - (this.#killedMs.get(node) ?? Number.NEGATIVE_INFINITY) < HEARTBEAT_GRACE_MS;
  }

  #state(state: StateSeen): void {
    switch (state.kind) {
      case 'reservation':
      case 'payment':
      case 'shipment':
        this.#held(state, state.kind);
        break;
      case 'job':
        this.#job(state);
        break;
      case 'ws-socket':
        this.#entry(state);
        break;
      case 'group':
        this.#group(state);
        break;
    }
  }

  #held(state: StateSeen, kind: 'reservation' | 'payment' | 'shipment'): void {
    const order = this.#scope.orderOf(state.key);
    const { status } = state.value;
    if (order === undefined || !this.#scope.ours(order)) return;
    this.#findings.look();
    const [outcome, outcomeAt] = outcomeOf(order);
    if (outcome === undefined) return;
    const tooMuch: readonly string[] = TOO_MUCH[outcome][kind];
    if (!tooMuch.includes(String(status))) return;
    this.#findings.violate(
      () => `Order ${order.id} is ${outcome}, but its ${kind} is ${status} in the end.`,
      outcomeAt,
      state.index,
    );
  }

  #job(state: StateSeen): void {
    const job = stateOf(state, 'job');
    if (job === undefined || !this.#scope.users.has(job.userId)) return;
    this.#findings.look();
    // A job that was issued and never started goes by itself: that is what its expiry is for.
    if (job.state === 'RUNNING' || job.state === 'COMPENSATING') this.#unended(state, job.state);
    if (job.ttlMs === null) {
      this.#findings.violate(
        () => `Job ${state.key} of ${job.userId} has no time to live: it is never forgotten.`,
        state.index,
      );
    }
  }

  #unended(state: StateSeen, jobState: string): void {
    const { ackedAt, ackedMs } = this.#scope.jobOf(state.key) ?? { ackedAt: NEVER, ackedMs: 0 };
    const boundMs = this.#scope.run?.bounds.terminalWithinMs ?? 0;
    if (ackedAt !== NEVER && state.atMs - ackedMs < boundMs) {
      this.#findings.undecided(`job ${state.key} was ${jobState} and still within its bound`);
      return;
    }
    const starved = this.#scope.slowness.starved(state.atMs - boundMs, state.atMs);
    const message = () => `Job ${state.key} is still ${jobState} in the end.`;
    this.#findings.late(starved, message, state.index);
  }

  #entry(state: StateSeen): void {
    const entry = stateOf(state, 'ws-socket');
    if (entry === undefined || !this.#scope.users.has(entry.userId)) return;
    this.#findings.look();
    const { userId, node } = entry;
    if (entry.ttlMs === null) {
      this.#findings.violate(
        () => `Socket ${state.key} of ${userId} has no time to live in Redis.`,
        state.index,
      );
      return;
    }
    const closed = this.#closed(userId, state.atMs);
    if (closed === undefined || this.#isFreshlyKilled(node, state.atMs)) return;
    this.#findings.late(
      this.#scope.slowness.starved(closed.closedMs, state.atMs),
      () => socketLeft(state, userId, node, closed.closedMs),
      closed.closedAt,
      state.index,
    );
  }

  #group(state: StateSeen): void {
    const group = stateOf(state, 'group');
    if (group === undefined) return;
    this.#findings.look();
    if (group.members > 0) return;
    this.#findings.violate(
      () =>
        `Consumer group ${state.key} came up during the run and is left behind without members (${group.state}).`,
      state.index,
    );
  }

  finish(): Finding {
    for (const [socketId, { userId, nodeId, at }] of this.#connected) {
      const { lastMs } = this.#scope;
      const closed = this.#closed(userId, lastMs);
      if (closed === undefined || this.#isFreshlyKilled(nodeId, lastMs)) continue;
      this.#findings.late(
        this.#scope.slowness.starved(closed.closedMs, lastMs),
        () => notDisconnected(socketId, userId, nodeId),
        at,
        closed.closedAt,
      );
    }
    return this.#findings.finding();
  }
}

const socketLeft = ({ key, atMs }: StateSeen, userId: string, node: string, closedMs: number) =>
  `Socket ${key} of ${userId} on ${node} is still in Redis, ` +
  `${Math.round(atMs - closedMs)} ms after the user's last socket closed.`;

const notDisconnected = (socketId: string, userId: string, nodeId: string) =>
  `Socket ${socketId} of ${userId} connected to ${nodeId} and has no DISCONNECTED event, ` +
  `although all sockets of the user are closed.`;

function outcomeOf(order: OrderFacts): ['rejected' | 'cancelled' | 'approved' | undefined, number] {
  if (order.cancelledAt !== NEVER) return ['cancelled', order.cancelledAt];
  if (order.rejectedAt !== NEVER) return ['rejected', order.rejectedAt];
  const cancelling = order.cancelRequestedAt !== NEVER && order.cancelRefusedAt === NEVER;
  if (order.approvedAt !== NEVER && !cancelling) return ['approved', order.approvedAt];
  return [undefined, NEVER];
}
