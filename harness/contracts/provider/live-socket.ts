import { EventEmitter, once } from 'node:events';
import WebSocket from 'ws';
import { frameName, type Said, type SocketHandshake } from '../../pacts/socket-interaction.ts';

type Json = Readonly<Record<string, unknown>>;

const HANDSHAKE_MS = 5_000;
/** For any one frame, or close, that is due. */
const DUE_MS = 15_000;
/** How many frames an error names. */
const NAMED_MAX = 12;

/**
 * A socket that verification opens. It shares nothing with the web client of the scenarios, so
 * that a defect in theirs cannot hide itself.
 */
export class LiveSocket implements AsyncDisposable {
  readonly frames: Json[] = [];
  readonly #ws: WebSocket;
  readonly #changed = new EventEmitter();
  #closeCode: number | undefined;

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('message', (data, isBinary) => {
      this.frames.push(isBinary ? { type: 'a binary frame' } : (JSON.parse(String(data)) as Json));
      this.#changed.emit('change');
    });
    ws.on('close', (code) => {
      this.#closeCode = code;
      this.#changed.emit('change');
    });
    // A cut connection is reported by `close`.
    ws.on('error', () => undefined);
  }

  /** Opens a socket at host:port, or tells the HTTP status that refused it. */
  static async open(
    address: string,
    { path, headers, protocols }: SocketHandshake,
  ): Promise<LiveSocket | { readonly refused: number }> {
    const ws = new WebSocket(`ws://${address}${path}`, [...protocols], {
      headers,
      handshakeTimeout: HANDSHAKE_MS,
      perMessageDeflate: false,
    });
    const socket = new LiveSocket(ws);
    const refused = new Promise<{ refused: number }>((resolve, reject) => {
      ws.once('unexpected-response', (_, response) => {
        response.resume();
        ws.terminate();
        resolve({ refused: response.statusCode ?? 0 });
      });
      ws.once('error', reject);
    });
    return Promise.race([once(ws, 'open').then(() => socket), refused]);
  }

  get subprotocol(): string {
    return this.#ws.protocol;
  }

  say(said: Said): void {
    if ('text' in said) this.#ws.send(said.text);
    else if ('textBytes' in said) this.#ws.send('x'.repeat(said.textBytes));
    else if ('binary' in said) this.#ws.send(Buffer.from(said.binary, 'base64'));
    else {
      const text = JSON.stringify(said.json);
      for (let count = said.times ?? 1; count > 0; count--) this.#ws.send(text);
    }
  }

  /** Waits until there is something to see among the frames that came. */
  async until<T>(what: string, look: (frames: readonly Json[]) => T | undefined): Promise<T> {
    const deadline = AbortSignal.timeout(DUE_MS);
    for (;;) {
      const seen = look(this.frames);
      if (seen !== undefined) return seen;
      if (this.#closeCode !== undefined) {
        throw new Error(
          `the socket closed (${this.#closeCode}) before ${what} came; ${this.#framesSeen}`,
        );
      }
      await this.#change(deadline, what);
    }
  }

  /** Waits for the provider to close. */
  async closed(): Promise<number> {
    const deadline = AbortSignal.timeout(DUE_MS);
    while (this.#closeCode === undefined) await this.#change(deadline, 'the close');
    return this.#closeCode;
  }

  get #framesSeen(): string {
    const names = this.frames.map(frameName).slice(-NAMED_MAX).join(', ');
    return names === '' ? 'no frame came' : `frames that came: ${names}`;
  }

  async #change(deadline: AbortSignal, what: string): Promise<void> {
    try {
      await once(this.#changed, 'change', { signal: deadline });
    } catch (cause) {
      throw new Error(`${what} did not come within ${DUE_MS} ms; ${this.#framesSeen}`, { cause });
    }
  }

  /** Ends it without a close handshake, as a lost network does. */
  cut(): void {
    this.#ws.terminate();
  }

  async close(code = 1000): Promise<void> {
    if (this.#closeCode !== undefined) return;
    this.#ws.close(code);
    await this.closed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
