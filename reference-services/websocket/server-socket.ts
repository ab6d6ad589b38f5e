import type { Duplex } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import { websocketMessageCheck } from '#contracts/spec/asyncapi.ts';
import { errorFrame, type UpdateNode } from './app.ts';
import type { Session } from './app-delivery.ts';
import { type Allowance, type ClientMessage, fullAllowance, spend } from './domain.ts';
import type { Clock, Outbound, SocketEntry } from './ports.ts';
import type { Heartbeats } from './server-heartbeats.ts';
import { type OutboundLimits, type OutboundParts, SocketOutbound } from './server-outbound.ts';

/** Close codes, as contracts/spec/asyncapi.yaml describes them. */
const CLOSE = { unsupported: 1003, policy: 1008, expired: 4001 } as const;

/** Messages of one client that wait for their answers. */
const WAITING_MAX = 50;
/** `setTimeout` takes no more. */
const TIMER_MS_MAX = 2_147_483_647;

export interface SocketLimits extends OutboundLimits {
  /** Between two pings; a client that left one unanswered at the next is gone. */
  readonly heartbeatMs: number;
}

export interface SocketParts extends OutboundParts {
  readonly node: UpdateNode;
  readonly clock: Clock;
  readonly heartbeats: Heartbeats;
}

const check = websocketMessageCheck('websocketReceives');

/** Serves one socket until it closes. Resolves when the registry knows that it has. */
export async function serveSocket(
  { ws, stream }: { readonly ws: WebSocket; readonly stream: Duplex },
  parts: SocketParts,
  entry: SocketEntry,
  expiresAtMs: number,
): Promise<number> {
  const { node, clock } = parts;
  const outbound = new SocketOutbound(ws, stream, parts);
  const session = node.open(entry, outbound);
  const expiry = setTimeout(
    () => outbound.close(CLOSE.expired, 'the access token expired'),
    Math.min(TIMER_MS_MAX, Math.max(0, expiresAtMs - clock.now())),
  );
  parts.heartbeats.add(ws);
  const receive = receiver(session, outbound, parts);
  ws.on('message', receive.message);
  // No pong after a close frame: it would break the close handshake.
  ws.on('ping', (data) => {
    if (receive.control() && ws.readyState === WebSocket.OPEN) ws.pong(data);
  });
  ws.on('pong', receive.control);
  // What is wrong with a connection shows in its close code; without a listener it would be thrown.
  ws.on('error', () => undefined);
  const seen = await new Promise<number>((resolve) => ws.once('close', resolve));
  const code = outbound.closedWith ?? seen;
  clearTimeout(expiry);
  await node.leave(entry, code);
  return code;
}

/** Takes messages one after another; a client that sends too many gets an error, then a close. */
function receiver(
  session: Session,
  outbound: Outbound,
  { node, clock }: SocketParts,
): {
  readonly message: (data: RawData, isBinary: boolean) => void;
  /** Whether a ping or pong is within the client's allowance. */
  readonly control: () => boolean;
} {
  let allowance: Allowance = fullAllowance(clock.now());
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  const spendOne = (): ReturnType<typeof spend>['verdict'] => {
    const spent = spend(allowance, clock.now());
    allowance = spent.allowance;
    if (spent.verdict === 'abusive') outbound.close(CLOSE.policy, 'too many messages');
    return spent.verdict;
  };
  const message = (data: RawData, isBinary: boolean) => {
    if (isBinary) return outbound.close(CLOSE.unsupported, 'frames are text');
    const verdict = spendOne();
    if (verdict === 'abusive') return;
    const message = readMessage(data);
    if (verdict === 'limited' || waiting >= WAITING_MAX) {
      return outbound.send(errorFrame('rate-limited', requestIdOf(message.value)));
    }
    if (!message.ok) {
      const about = { ...requestIdOf(message.value), detail: message.detail };
      return outbound.send(errorFrame('invalid-request', about));
    }
    waiting += 1;
    last = last.then(async () => {
      await node.receive(session, message.value);
      waiting -= 1;
    });
  };
  return { message, control: () => spendOne() === 'allowed' };
}

type ReadMessage =
  | { readonly ok: true; readonly value: ClientMessage }
  | { readonly ok: false; readonly value: unknown; readonly detail: string };

const DETAIL_LENGTH_MAX = 500;

function readMessage(data: RawData): ReadMessage {
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch {
    return { ok: false, value: undefined, detail: 'The frame is not JSON.' };
  }
  const checked = check(value);
  return checked.ok
    ? { ok: true, value: value as ClientMessage }
    : { ok: false, value, detail: checked.detail.slice(0, DETAIL_LENGTH_MAX) };
}

const REQUEST_ID_LENGTH_MAX = 64;

/** So that even a refused message has an identity. */
function requestIdOf(value: unknown): { readonly requestId?: string } {
  if (typeof value !== 'object' || value === null || !('requestId' in value)) return {};
  const { requestId } = value;
  const isOne = typeof requestId === 'string' && requestId.length > 0;
  return isOne && requestId.length <= REQUEST_ID_LENGTH_MAX ? { requestId } : {};
}
