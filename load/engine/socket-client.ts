import WebSocket from 'ws';
import type { LoadShard } from '../../harness/history/load-shard.ts';
import { nowMs } from '../../harness/history/shard.ts';
import { type Backoff, newBackoff } from './backoff.ts';
import {
  type FollowerOptions,
  JobFollower,
  type Request,
  type UpdateFrame,
} from './job-follower.ts';
import type { TierNode } from './messages.ts';

const HANDSHAKE_MS = 20_000;
/** Close codes after which a client comes back: lost, going away, failed, restarting, try later. */
const COMES_BACK: ReadonlySet<number> = new Set([1001, 1006, 1011, 1012, 1013]);
const TOO_SLOW = 4008;

export interface ClientOptions extends FollowerOptions {
  /** Its place among the sockets of the thread. */
  readonly number: number;
  readonly shard: LoadShard;
  readonly random: () => number;
}

/**
 * One customer's socket over the whole run: it comes back when it is lost, and records everything
 * that it sends and gets.
 */
export class SocketClient {
  readonly user: number;
  readonly isSlow: boolean;
  readonly #options: ClientOptions;
  readonly #follower: JobFollower;
  readonly #backoff: Backoff;
  #ws: WebSocket | undefined;
  #record = 0;
  #opened = 0;
  #requests = 0;
  #lostMs: number | undefined;
  #isEnding = false;
  /** Ready once; a client that was lost since then is on its way back. */
  isReady = false;
  /** Of a stalled reader that reads again: bytes that had waited for it. */
  backlogBytes = 0;
  #isCounting = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.user = options.customer.user;
    this.isSlow = options.isSlow;
    this.#backoff = newBackoff(options.random);
    this.#follower = new JobFollower(options);
  }

  get isOpen(): boolean {
    return this.#ws?.readyState === WebSocket.OPEN;
  }

  /** @param dueMs when the socket was to be opened */
  open(dueMs: number): void {
    if (this.#isEnding) return;
    const { work, customer, number, port, shard } = this.#options;
    const { nodes, scenario } = work;
    // Spread at first; a client that was lost tries the next node.
    const node = nodes[(number + this.#opened) % nodes.length] as TierNode;
    const socket = `${scenario}-${work.place}-${number}-${++this.#opened}`;
    this.#record = shard.socket({ socket, scenario, userId: customer.userId, node: node.id });
    port.count('attempts');
    const ws = new WebSocket(node.url, ['sagaproof.v1'], {
      headers: { authorization: `Bearer ${customer.token}` },
      handshakeTimeout: HANDSHAKE_MS,
      perMessageDeflate: false,
    });
    this.#ws = ws;
    this.#listen(ws, dueMs, this.#record);
  }

  /** An order of the customer was accepted. */
  accepted(jobId: string, sentMs: number): void {
    if (this.isOpen) this.#send(this.#follower.accepted(jobId, sentMs));
  }

  /** Cuts the connection, or closes it properly. */
  leave(how: 'cut' | 'close'): void {
    if (how === 'cut') this.#ws?.terminate();
    else this.#ws?.close(1000);
  }

  /** A stalled reader reads again. */
  read(): void {
    this.#isCounting = true;
    this.#ws?.resume();
  }

  /** Closes for good. What a stalled reader did not read was not its own wish to miss. */
  end(): void {
    this.#isEnding = true;
    this.leave(this.isSlow ? 'cut' : 'close');
  }

  /** Whether it lacks its last updates, of which so many were published for its customer. */
  isMissing(published: number): boolean {
    return this.isOpen && !this.isSlow && this.#follower.isMissing(published);
  }

  #listen(ws: WebSocket, dueMs: number, record: number): void {
    const { port, shard } = this.#options;
    let isOpened = false;
    ws.on('open', () => {
      isOpened = true;
      shard.step(nowMs(), record, 'open');
      port.time('connect', nowMs() - dueMs);
      this.#send(this.#follower.connected());
    });
    ws.on('unexpected-response', (_request, response) => {
      shard.step(nowMs(), record, 'refused', response.statusCode ?? 0);
      response.resume();
      ws.terminate();
    });
    ws.on('message', (data, isBinary) => this.#received(data.toString(), isBinary, record));
    ws.on('close', (code) => {
      if (isOpened) shard.step(nowMs(), record, 'closed', code);
      if (!this.#isEnding) this.#closed(code, isOpened);
    });
    // The close that follows says what is wrong with a connection.
    ws.on('error', () => undefined);
  }

  #closed(code: number, wasOpen: boolean): void {
    const { port } = this.#options;
    if (this.isSlow && wasOpen) {
      if (code === TOO_SLOW) port.count('closedSlow');
      return;
    }
    // 1000 was its own wish; a code such as 4008 says that the tier found fault with the client.
    if (!wasOpen || (code !== 1000 && !COMES_BACK.has(code))) port.count('errors');
    if (wasOpen && code !== 1000) port.count('lost');
    this.#lostMs ??= nowMs();
    setTimeout(() => this.open(nowMs()), code === 1000 ? 0 : this.#backoff.next());
  }

  #send(requests: readonly Request[]): void {
    for (const request of requests) {
      const text = JSON.stringify({ requestId: `r${++this.#requests}`, ...request });
      this.#options.shard.step(nowMs(), this.#record, 'sent', text);
      this.#ws?.send(text);
    }
  }

  #received(text: string, isBinary: boolean, record: number): void {
    const { port, shard } = this.#options;
    const atMs = nowMs();
    const frame = isBinary ? undefined : parsed(text);
    const isLine = frame !== undefined && !text.includes('\n');
    const recorded = isLine ? text : JSON.stringify(frame ?? { type: 'unreadable', isBinary });
    shard.step(atMs, record, 'frame', recorded);
    port.count('frames');
    port.count('bytes', text.length);
    if (this.#isCounting) this.backlogBytes += text.length;
    if (frame?.type === 'update') this.#send(this.#follower.update(frame, atMs));
    else if (frame?.type === 'subscribed') this.#acknowledged(atMs);
    else if (frame?.type === 'error') this.#refused(frame);
  }

  #refused({ code }: UpdateFrame): void {
    // A job whose first update is not due yet is waited for again.
    if (code === 'job-not-found' && this.#follower.isByJob) this.#send(this.#follower.connected());
    else this.#options.port.count('errors');
  }

  #acknowledged(atMs: number): void {
    this.#backoff.reset();
    if (this.#lostMs !== undefined) this.#options.port.time('reconnect', atMs - this.#lostMs);
    this.#lostMs = undefined;
    this.isReady = true;
    if (this.isSlow && !this.#isCounting) this.#ws?.pause();
  }
}

function parsed(text: string): UpdateFrame | undefined {
  try {
    return JSON.parse(text) as UpdateFrame;
  } catch {
    return undefined;
  }
}
