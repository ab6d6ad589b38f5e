import type { TopicValues } from '#avro/types.generated.ts';
import { LIMITS } from '#contracts/spec/limits.generated.ts';

export type JobUpdate = TopicValues['job.updates'];
export type ConnectionEvent = TopicValues['websocket.connections'];
export type Level = 'outcome' | 'progress' | 'detail';

/** An update as the log keeps it. */
export interface LogEntry {
  readonly update: JobUpdate;
  /** W3C trace context; null when it had none. */
  readonly traceparent: string | null;
}

/** What a socket wants to see of a job, and how far it has. */
export interface Position {
  readonly level: Level;
  /** Everything up to this update was sent, or was nothing for this level. */
  readonly sequence: number;
}

export type Delivery =
  | { readonly kind: 'deliver' }
  /** Updates before this one are missing: the log has them. */
  | { readonly kind: 'gap' }
  | { readonly kind: 'ignored'; readonly reason: 'duplicate' | 'level' };

/** Levels in order; each sees what the ones before it see. */
const LEVELS: readonly Level[] = ['outcome', 'progress', 'detail'];

const levelOf = (update: JobUpdate): Level => update.level.toLowerCase() as Level;

/** Whether a subscriber of a level sees the update. */
export const isVisible = (update: JobUpdate, level: Level): boolean =>
  LEVELS.indexOf(levelOf(update)) <= LEVELS.indexOf(level);

/** Whether an update may be sent now: new, meant for the level, and nothing before it missing. */
export function decideDelivery(position: Position, update: JobUpdate): Delivery {
  if (update.sequence <= position.sequence) return { kind: 'ignored', reason: 'duplicate' };
  if (!isVisible(update, position.level)) return { kind: 'ignored', reason: 'level' };
  return update.previousSequences[position.level] <= position.sequence
    ? { kind: 'deliver' }
    : { kind: 'gap' };
}

/** A frame of `websocketSends` in contracts/spec/asyncapi.yaml. */
export type Frame =
  | { readonly type: 'update' | 'expired'; readonly [field: string]: unknown }
  | {
      readonly type: 'subscribed';
      readonly requestId: string;
      readonly jobId: string | null;
      readonly level: Level;
      readonly afterSequence: number;
    }
  | { readonly type: 'unsubscribed'; readonly requestId: string; readonly jobId: string | null }
  | { readonly type: 'pong'; readonly requestId?: string }
  | { readonly type: 'reconnect'; readonly retryAfterMs: number }
  | ErrorFrame;

export interface ErrorFrame {
  readonly type: 'error';
  readonly code: 'invalid-request' | 'job-not-found' | 'rate-limited' | 'unavailable' | 'internal';
  readonly title: string;
  readonly detail?: string;
  readonly requestId?: string;
  readonly jobId?: string;
}

/** What a client may say: `websocketReceives` in contracts/spec/asyncapi.yaml. */
export type ClientMessage =
  | {
      readonly type: 'subscribe';
      readonly requestId: string;
      readonly jobId?: string;
      readonly level: Level;
      readonly afterSequence?: number;
    }
  | { readonly type: 'unsubscribe'; readonly requestId: string; readonly jobId?: string }
  | {
      readonly type: 'resume';
      readonly requestId: string;
      readonly positions: Readonly<Record<string, number>>;
      readonly level: Level;
    }
  | { readonly type: 'ping'; readonly requestId?: string };

/** The frame that tells a subscriber of a level of an update. */
export function frameOf({ update, traceparent }: LogEntry, level: Level): Frame {
  const place = {
    jobId: update.jobId,
    orderId: update.orderId,
    sequence: update.sequence,
    previousSequence: update.previousSequences[level],
    level: levelOf(update),
    state: update.state,
    occurredAt: new Date(update.occurredAt).toISOString(),
    traceparent,
  };
  if (update.kind === 'EXPIRED') return { type: 'expired', ...place };
  const { kind, step, reason, detail } = update;
  return { type: 'update', ...place, kind, step, reason, detail };
}

/** What a client asks for when it connects, as far as it is to be judged. */
export interface Handshake {
  /** Without the query, which is never read. */
  readonly path: string;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** The subprotocols that it offers. */
  readonly protocols: readonly string[];
}

export type HandshakeVerdict =
  | { readonly kind: 'accepted'; readonly token: string }
  | {
      readonly kind: 'rejected';
      readonly reason: 'unknown-path' | 'origin-not-allowed' | 'no-token' | 'no-subprotocol';
    };

export const PATH = '/v1/updates';
export const SUBPROTOCOL = 'sagaproof.v1';
const BEARER_PROTOCOL = 'bearer.';
const BEARER = /^Bearer ([^\s,]+)$/i;

/**
 * Decides whether a handshake is worth asking auth about. A browser always says its origin, and
 * can only put the token among the subprotocols; so one without an origin must use the header.
 */
export function decideHandshake(
  { path, origin, authorization, protocols }: Handshake,
  allowedOrigins: ReadonlySet<string>,
): HandshakeVerdict {
  if (path !== PATH) return { kind: 'rejected', reason: 'unknown-path' };
  if (origin !== undefined && !allowedOrigins.has(origin)) {
    return { kind: 'rejected', reason: 'origin-not-allowed' };
  }
  if (protocols.length > 0 && !protocols.includes(SUBPROTOCOL)) {
    return { kind: 'rejected', reason: 'no-subprotocol' };
  }
  const [, fromHeader] = BEARER.exec(authorization ?? '') ?? [];
  if (fromHeader !== undefined) return { kind: 'accepted', token: fromHeader };
  const offered = protocols.find((protocol) => protocol.startsWith(BEARER_PROTOCOL));
  const token = offered?.slice(BEARER_PROTOCOL.length) ?? '';
  if (token === '') return { kind: 'rejected', reason: 'no-token' };
  return origin === undefined
    ? { kind: 'rejected', reason: 'origin-not-allowed' }
    : { kind: 'accepted', token };
}

/** How many messages a client may still send, refilled with time. */
export interface Allowance {
  readonly left: number;
  readonly atMs: number;
}

const MESSAGES_PER_SECOND = LIMITS.websocket.messagesPerSecond;
const MESSAGES_AT_ONCE_MAX = LIMITS.websocket.messagesAtOnce;
/** A client that goes on this far beyond what is allowed is cut off. */
const DEBT_MAX = LIMITS.websocket.messagesRefused;

export const fullAllowance = (nowMs: number): Allowance => ({
  left: MESSAGES_AT_ONCE_MAX,
  atMs: nowMs,
});

/** Takes one message from the allowance. */
export function spend(
  allowance: Allowance,
  nowMs: number,
): { readonly allowance: Allowance; readonly verdict: 'allowed' | 'limited' | 'abusive' } {
  const refilled = allowance.left + ((nowMs - allowance.atMs) / 1_000) * MESSAGES_PER_SECOND;
  const left = Math.min(MESSAGES_AT_ONCE_MAX, refilled) - 1;
  const verdict = left >= 0 ? 'allowed' : left > -DEBT_MAX ? 'limited' : 'abusive';
  return { allowance: { left, atMs: nowMs }, verdict };
}

/** Whether a stream id (`<ms>-<n>`) comes after another. */
export function isAfter(id: string, other: string): boolean {
  const [ms = 0, n = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherN = 0] = other.split('-').map(Number);
  return ms === otherMs ? n > otherN : ms > otherMs;
}
