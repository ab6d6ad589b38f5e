/** A gateway, an issuer and a tier in one server, with flaws on demand. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { jobIdOf, LEVELS, type Level, plannedUpdates } from '../model/jobs.ts';

export type Flaw =
  | 'none'
  | 'gap'
  | 'duplicate'
  | 'leak'
  | 'level'
  | 'cut'
  | 'refused'
  | 'unfinished';

interface Client {
  readonly ws: WebSocket;
  readonly user: string;
  level: Level;
  /** It follows the jobs that begin from now on. */
  isForAll: boolean;
  /** By job that it follows: the last update that it was sent. */
  readonly sent: Map<string, number>;
}

interface Message {
  readonly type: 'subscribe' | 'unsubscribe' | 'resume';
  readonly level?: Level;
  readonly jobId?: string;
  readonly afterSequence?: number;
  readonly positions?: Readonly<Record<string, number>>;
}

/** So many jobs have their sockets cut. */
const CUTS = 3;

const PER_JOB = 6;
const UPDATES = plannedUpdates(PER_JOB);

const bodyOf = async (request: IncomingMessage): Promise<string> =>
  (await request.toArray()).join('');
const userOf = ({ headers }: IncomingMessage): string =>
  String(headers.authorization).replace('Bearer token-of-', '');

export class FakeTier implements AsyncDisposable {
  readonly #flaw: Flaw;
  readonly #clients = new Set<Client>();
  readonly #log = new Map<string, { readonly user: string; sent: number }>();
  readonly #http = createServer(async (request, response) => {
    const body = await bodyOf(request);
    response.setHeader('content-type', 'application/json');
    if (request.url === '/mint') {
      const { sub } = JSON.parse(body) as { sub: string };
      response.end(JSON.stringify({ access_token: `token-of-${sub}` }));
    } else if (this.#flaw === 'refused') {
      response.writeHead(503).end('{"code":"unavailable"}');
    } else {
      response.writeHead(202).end(JSON.stringify({ jobId: this.#begin(userOf(request)) }));
    }
  });
  readonly #tier = new WebSocketServer({ server: this.#http });

  constructor(flaw: Flaw = 'none') {
    this.#flaw = flaw;
    this.#tier.on('connection', (ws, request) => this.#connected(ws, userOf(request)));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return (this.#http.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { ws } of this.#clients) ws.terminate();
    this.#tier.close();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #connected(ws: WebSocket, user: string): void {
    const client: Client = { ws, user, level: 'detail', isForAll: false, sent: new Map() };
    this.#clients.add(client);
    ws.on('close', () => this.#clients.delete(client));
    ws.on('message', (data) => this.#received(client, JSON.parse(data.toString()) as Message));
  }

  #received(client: Client, message: Message): void {
    const { type, level, jobId, afterSequence = 0, positions = {} } = message;
    client.level = level ?? client.level;
    client.ws.send(JSON.stringify({ type: `${type === 'resume' ? 'subscribe' : type}d` }));
    if (type === 'unsubscribe') return;
    if (type === 'subscribe' && jobId === undefined) client.isForAll = true;
    const asked = jobId === undefined ? positions : { [jobId]: afterSequence };
    for (const [job, after] of Object.entries(asked)) {
      client.sent.set(job, after);
      this.#deliver(client, job);
    }
  }

  #begin(user: string): string {
    const jobId = jobIdOf('0badcafe', 1, this.#log.size);
    this.#log.set(jobId, { user, sent: 0 });
    setImmediate(() => this.#next(jobId));
    return jobId;
  }

  #next(jobId: string): void {
    const job = this.#log.get(jobId);
    if (job === undefined) return;
    job.sent += 1;
    const sequence = job.sent;
    const isHidden = this.#flaw === 'gap' && sequence === 3;
    const isLast = sequence === PER_JOB;
    const number = [...this.#log.keys()].indexOf(jobId);
    if (isLast && this.#flaw === 'unfinished') return;
    for (const client of this.#clients) {
      if (this.#flaw === 'leak' && sequence === 1) client.sent.set(jobId, 0);
      if (sequence === 1 && client.isForAll && client.user === job.user) client.sent.set(jobId, 0);
      if (isHidden) client.sent.set(jobId, sequence);
      this.#deliver(client, jobId);
      if (this.#flaw === 'duplicate' && sequence === 2) this.#to(client, jobId, sequence);
      if (this.#flaw === 'cut' && sequence === 3 && number < CUTS) client.ws.terminate();
    }
    if (!isLast) setTimeout(() => this.#next(jobId), 2);
  }

  #deliver(client: Client, jobId: string): void {
    const after = client.sent.get(jobId);
    const until = this.#log.get(jobId)?.sent ?? 0;
    if (after === undefined) return;
    for (let sequence = after + 1; sequence <= until; sequence++) this.#to(client, jobId, sequence);
    client.sent.set(jobId, until);
  }

  #to({ ws, level }: Client, jobId: string, sequence: number): void {
    const update = UPDATES[sequence - 1];
    if (update === undefined) return;
    const isAbove = LEVELS.indexOf(update.level) > LEVELS.indexOf(level);
    if (isAbove && this.#flaw !== 'level') return;
    const { kind, state, previous } = update;
    const about = { type: 'update', jobId, sequence, previousSequence: previous[level] };
    const occurredAt = new Date().toISOString();
    ws.send(
      JSON.stringify({ ...about, level: update.level, kind, state, detail: null, occurredAt }),
    );
  }
}
