import { type RawData, WebSocket } from 'ws';
import { websocketMessageCheck } from '#contracts/spec/asyncapi.ts';
import { errorFrame, type UpdateNode } from './app.ts';
import type { Session } from './app-delivery.ts';
import { type Allowance, type ClientMessage, type Frame, fullAllowance, spend } from './domain.ts';
import type { Clock, Outbound, SocketEntry } from './ports.ts';

/** Close codes, as contracts/spec/asyncapi.yaml describes them. */
const CLOSE = { unsupported: 1003, policy: 1008, expired: 4001, tooSlow: 4008 } as const;

/** Messages of one client that wait for their answers. */
const WAITING_MAX = 50;
/** How long the replay of a log waits for a client that does not read. */
const ROOM_TIMEOUT_MS = 5_000;
/** `setTimeout` takes no more. */
const TIMER_MS_MAX = 2_147_483_647;

export interface SocketLimits {
  /** Bytes that wait for a client. */
  readonly sendBytesMax: number;
  /** Frames that wait for a client. */
  readonly sendFramesMax: number;
  /** Between two pings; a client that left one unanswered at the next is gone. */
  readonly heartbeatMs: number;
  /** A client that does not answer a close frame in this time is cut off. */
  readonly closeTimeoutMs: number;
}

export interface SocketParts {
  readonly node: UpdateNode;
  readonly clock: Clock;
  readonly limits: SocketLimits;
  readonly onSent: (type: Frame['type']) => void;
}

const check = websocketMessageCheck('websocketReceives');

/** Frames to one client, with a bound on what waits for it. */
class SocketOutbound implements Outbound {
  readonly #ws: WebSocket;
  readonly #parts: Pick<SocketParts, 'limits' | 'onSent'>;
  #framesWaiting = 0;
  #onRoom: (() => void) | undefined;
  /** The code that this side closed with, whether or not the client ever read it. */
  closedWith: number | undefined;

  constructor(ws: WebSocket, parts: Pick<SocketParts, 'limits' | 'onSent'>) {
    this.#ws = ws;
    this.#parts = parts;
    ws.once('close', () => this.#onRoom?.());
  }

  send(frame: Frame): void {
    const { limits, onSent } = this.#parts;
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    const isFull =
      this.#framesWaiting >= limits.sendFramesMax || this.#ws.bufferedAmount > limits.sendBytesMax;
    if (isFull) {
      this.#closeTooSlow();
      return;
    }
    this.#framesWaiting += 1;
    onSent(frame.type);
    this.#ws.send(JSON.stringify(frame), () => {
      this.#framesWaiting -= 1;
      if (this.#hasRoom()) this.#onRoom?.();
    });
  }

  #closeTooSlow(): void {
    this.close(CLOSE.tooSlow, 'the client reads too slowly');
  }

  #hasRoom(): boolean {
    const { sendBytesMax, sendFramesMax } = this.#parts.limits;
    return (
      this.#ws.readyState !== WebSocket.OPEN ||
      (this.#ws.bufferedAmount <= sendBytesMax / 2 && this.#framesWaiting <= sendFramesMax / 2)
    );
  }

  async room(): Promise<void> {
    if (this.#hasRoom()) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => {
        this.#closeTooSlow();
        resolve();
      }, ROOM_TIMEOUT_MS);
      // More than one reader may wait: each goes on when there is room.
      const others = this.#onRoom;
      this.#onRoom = () => {
        clearTimeout(late);
        this.#onRoom = undefined;
        others?.();
        resolve();
      };
    });
  }

  close(code: number, reason: string): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    const { closeTimeoutMs } = this.#parts.limits;
    this.closedWith = code;
    this.#ws.close(code, reason);
    const late = setTimeout(() => this.#ws.terminate(), closeTimeoutMs);
    this.#ws.once('close', () => clearTimeout(late));
  }
}

/** Serves one socket until it closes. Resolves when the registry knows that it has. */
export async function serveSocket(
  ws: WebSocket,
  parts: SocketParts,
  entry: SocketEntry,
  expiresAtMs: number,
): Promise<number> {
  const { node, clock, limits } = parts;
  const outbound = new SocketOutbound(ws, parts);
  const session = node.open(entry, outbound);
  const expiry = setTimeout(
    () => outbound.close(CLOSE.expired, 'the access token expired'),
    Math.min(TIMER_MS_MAX, Math.max(0, expiresAtMs - clock.now())),
  );
  const stopHeartbeat = heartbeat(ws, limits.heartbeatMs);
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
  stopHeartbeat();
  await node.leave(entry, code);
  return code;
}

/** Finds connections that are only half there. */
function heartbeat(ws: WebSocket, intervalMs: number): () => void {
  let isAlive = true;
  ws.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) return ws.terminate();
    isAlive = false;
    ws.ping();
  }, intervalMs);
  return () => clearInterval(timer);
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
