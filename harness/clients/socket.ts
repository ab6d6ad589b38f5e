import { EventEmitter, once } from 'node:events';
import WebSocket from 'ws';
import type { Shard } from '../history/shard.ts';

/** A message of the WebSocket contract (contracts/spec/asyncapi.yaml), as it came. */
export interface Frame {
  readonly type: string;
  readonly jobId?: string;
  readonly sequence?: number;
  readonly previousSequence?: number;
  readonly level?: string;
  readonly kind?: string;
  readonly state?: string;
  readonly step?: string | null;
  readonly reason?: string | null;
  readonly traceparent?: string;
  readonly code?: string;
  readonly requestId?: string;
  readonly [field: string]: unknown;
}

export type Level = 'outcome' | 'progress' | 'detail';

export interface SocketOptions {
  readonly url: string;
  readonly node: string;
  readonly userId: string;
  readonly scenario: string;
  /** Undefined: no credentials at all. */
  readonly token?: string;
  readonly origin?: string;
  /** How the token travels; browsers can only do `subprotocol`. */
  readonly via?: 'header' | 'subprotocol';
  readonly shard: Shard;
  readonly id: string;
}

/** As long as the run allows a job to take: what is late is for the invariants to say. */
const TERMINAL_DEADLINE_MS = 60_000;

/** For any one frame that is due, also on a loaded machine. */
const FRAME_DEADLINE_MS = 30_000;

/** For a handshake, and for the close that follows what was sent; also on a loaded machine. */
const HANDSHAKE_DEADLINE_MS = 20_000;
const CLOSE_DEADLINE_MS = 30_000;

const TERMINAL = new Set(['SUCCEEDED', 'FAILED']);

/** For messages: the socket and the instance that serves it. */
const nameOf = ({ id, node }: SocketOptions): string => `socket ${id} of ${node}`;

/** A WebSocket client that records everything it sends and gets. */
export class RecordedSocket {
  readonly frames: Frame[] = [];
  readonly id: string;
  closeCode: number | undefined;
  readonly #ws: WebSocket;
  readonly #changed = new EventEmitter().setMaxListeners(0);
  readonly #options: SocketOptions;
  #requests = 0;
  #opened = false;

  private constructor(ws: WebSocket, options: SocketOptions) {
    this.#ws = ws;
    this.#options = options;
    this.id = options.id;
    ws.on('message', (data, binary) => this.#received(data.toString(), binary));
    ws.on('close', (code) => this.#closed(code));
    // `close` reports a cut connection; without a listener `error` would end the process.
    ws.on('error', () => undefined);
  }

  /** Opens a socket, or tells the HTTP status that refused it. */
  static async open(options: SocketOptions): Promise<RecordedSocket | { refused: number }> {
    const bySubprotocol = options.via === 'subprotocol' && options.token !== undefined;
    const ws = new WebSocket(
      options.url,
      bySubprotocol ? ['sagaproof.v1', `bearer.${options.token}`] : ['sagaproof.v1'],
      {
        ...(options.origin === undefined ? {} : { origin: options.origin }),
        headers:
          options.token === undefined || bySubprotocol
            ? {}
            : { authorization: `Bearer ${options.token}` },
        handshakeTimeout: HANDSHAKE_DEADLINE_MS,
        perMessageDeflate: false,
      },
    );
    // Listeners are there before the connection is: no frame can come unseen.
    const socket = new RecordedSocket(ws, options);
    const refused = new Promise<{ refused: number }>((resolve, reject) => {
      ws.once('unexpected-response', (_request, response) => {
        response.resume();
        ws.terminate();
        resolve({ refused: response.statusCode ?? 0 });
      });
      ws.once('error', reject);
    });
    const outcome = await Promise.race([once(ws, 'open').then(() => socket), refused]);
    if ('refused' in outcome) socket.#record('refused', { status: outcome.refused });
    else socket.#nowOpen();
    return outcome;
  }

  /** Sends a message of the contract. */
  send(message: Readonly<Record<string, unknown>>): void {
    this.#record('sent', { message });
    this.#ws.send(JSON.stringify(message));
  }

  /** Sends bytes as they are, for what the contract forbids. */
  sendRaw(data: string | Buffer): void {
    this.#ws.send(data);
  }

  /** Subscribes and waits for the acknowledgement (or the error frame that refuses it). */
  async subscribe(options: {
    readonly level: Level;
    readonly jobId?: string;
    readonly afterSequence?: number;
  }): Promise<Frame> {
    const requestId = `r${++this.#requests}`;
    this.send({ type: 'subscribe', requestId, ...options });
    return this.waitFor(
      `an answer to subscribe ${requestId}`,
      (frame) => frame.requestId === requestId,
    );
  }

  /** Ends a subscription to a job, or to all, and waits for the answer. */
  async unsubscribe(jobId?: string): Promise<Frame> {
    const requestId = `r${++this.#requests}`;
    this.send({ type: 'unsubscribe', requestId, ...(jobId === undefined ? {} : { jobId }) });
    return this.waitFor(
      `an answer to unsubscribe ${requestId}`,
      (frame) => frame.requestId === requestId,
    );
  }

  /** Resumes several jobs after the last sequence numbers that were seen. */
  async resume(positions: Readonly<Record<string, number>>, level: Level): Promise<Frame> {
    const requestId = `r${++this.#requests}`;
    this.send({ type: 'resume', requestId, positions, level });
    return this.waitFor(
      `an answer to resume ${requestId}`,
      (frame) => frame.requestId === requestId,
    );
  }

  /** Update frames of a job, in the order they came. */
  updates(jobId: string): Frame[] {
    return this.frames.filter((frame) => frame.type === 'update' && frame.jobId === jobId);
  }

  /** Waits for the job's terminal update. */
  async terminal(jobId: string, deadlineMs = TERMINAL_DEADLINE_MS): Promise<Frame> {
    return this.waitFor(
      `the terminal update of job ${jobId}`,
      (frame) => frame.type === 'update' && frame.jobId === jobId && TERMINAL.has(frame.kind ?? ''),
      deadlineMs,
    );
  }

  /** Waits for a frame, among those that came already too. */
  async waitFor(
    label: string,
    matches: (frame: Frame) => boolean,
    deadlineMs = FRAME_DEADLINE_MS,
  ): Promise<Frame> {
    const deadline = AbortSignal.timeout(deadlineMs);
    for (let looked = 0; ; ) {
      for (; looked < this.frames.length; looked++) {
        const frame = this.frames[looked];
        if (frame !== undefined && matches(frame)) return frame;
      }
      if (this.closeCode !== undefined) {
        throw new Error(`${nameOf(this.#options)} closed (${this.closeCode}) before ${label}`);
      }
      await this.#change(deadline, label, deadlineMs);
    }
  }

  /** Waits for the server to close; answers the close code. */
  async closed(deadlineMs = CLOSE_DEADLINE_MS): Promise<number> {
    const deadline = AbortSignal.timeout(deadlineMs);
    while (this.closeCode === undefined) {
      await this.#change(deadline, 'the server to close the socket', deadlineMs);
    }
    return this.closeCode;
  }

  /** Closes from this side and waits for the close handshake. */
  async close(): Promise<void> {
    if (this.closeCode !== undefined) return;
    this.#ws.close(1000);
    await this.closed();
  }

  /** Cuts the connection without a close handshake, as a lost network does. */
  async cut(): Promise<void> {
    this.#ws.terminate();
    await this.closed();
  }

  async #change(deadline: AbortSignal, label: string, deadlineMs: number): Promise<void> {
    try {
      await once(this.#changed, 'change', { signal: deadline });
    } catch (error) {
      const seen = this.frames.map((frame) => frame.kind ?? frame.type).join(', ') || 'none';
      const where = `on ${nameOf(this.#options)}; frames: ${seen}`;
      throw new Error(`gave up waiting for ${label} after ${deadlineMs} ms ${where}`, {
        cause: error,
      });
    }
  }

  #nowOpen(): void {
    this.#opened = true;
    this.#record('open', {});
  }

  #received(text: string, binary: boolean): void {
    const frame = JSON.parse(text) as Frame;
    if (binary) throw new Error(`${nameOf(this.#options)} got a binary frame`);
    this.frames.push(frame);
    this.#record('frame', { message: frame });
    this.#changed.emit('change');
  }

  #closed(code: number): void {
    this.closeCode = code;
    if (this.#opened) this.#record('closed', { closeCode: code });
    this.#changed.emit('change');
  }

  #record(
    what: 'open' | 'sent' | 'frame' | 'closed' | 'refused',
    more: { message?: Readonly<Record<string, unknown>>; closeCode?: number; status?: number },
  ): void {
    const { shard, scenario, userId, node } = this.#options;
    shard.record({ type: 'ws', socket: this.id, scenario, userId, node, what, ...more });
  }
}
