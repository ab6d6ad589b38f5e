import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { SpanKind } from '@opentelemetry/api';
import { Counter, Gauge } from 'prom-client';
import { type WebSocket, WebSocketServer } from 'ws';
import { ERRORS, type ErrorCode } from '#contracts/spec/errors/registry.ts';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { errorCodeOf } from '#kit/errors.ts';
import type { ServiceContext } from '#kit/service.ts';
import { outsideTraces, withSpan, withTraceparent } from '#kit/telemetry.ts';
import type { UpdateNode } from './app.ts';
import { decideHandshake, type Handshake, PATH, SUBPROTOCOL } from './domain.ts';
import type { Authenticator, SocketEntry } from './ports.ts';
import { FrameEncoder, TurnWriter } from './server-frames.ts';
import { Heartbeats } from './server-heartbeats.ts';
import { type SocketLimits, serveSocket } from './server-socket.ts';

/** A frame of a client; the protocol closes with 1009 beyond it. */
const FRAME_BYTES_MAX = LIMITS.websocket.frameBytes;
const HEADER_BYTES_MAX = 16_384;
/** Handshakes that wait for auth at once; more are refused. */
const HANDSHAKES_MAX = 200;
/** All sockets of this node. */
const SOCKETS_MAX = LIMITS.websocket.socketsPerNode;
const HEADERS_TIMEOUT_MS = 5_000;
/** Between two looks for heads that are late. */
const HEADERS_CHECK_MS = 500;
/** Of one message; a client sends at most 64 KiB. */
const FRAGMENTS_MAX = 100;
const RETRY_AFTER_SECONDS = 1;
/** How long clients may take to answer the close of a drain. */
const DRAIN_TIMEOUT_MS = 3_000;

export interface ServerOptions {
  readonly port: number;
  readonly node: UpdateNode;
  readonly authenticator: Authenticator;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly limits: SocketLimits;
}

/** Serves `/v1/updates` until the drain. */
export async function serveUpdates(
  context: ServiceContext,
  options: ServerOptions,
): Promise<number> {
  const http = createServer({
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: HEADERS_CHECK_MS,
  });
  http.on('request', (request, response) => {
    const isHere = pathOf(request) === PATH;
    const answer = problem(isHere ? 'upgrade-required' : 'route-not-found');
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  const updates = new UpdateServer(context, options);
  http.on('upgrade', (request, stream, head) => updates.upgrade(request, stream, head));
  http.listen(options.port, context.listenHost);
  await once(http, 'listening');
  context.onDrain(() => updates.drain(http));
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  context.log.info({ ws: `${context.listenHost}:${port}` }, 'serving WebSocket');
  return port;
}

class UpdateServer {
  readonly #context: ServiceContext;
  readonly #options: ServerOptions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    maxFragments: FRAGMENTS_MAX,
    autoPong: false,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  readonly #serving = new Set<Promise<void>>();
  readonly #metrics: ReturnType<typeof serverMetrics>;
  readonly #encoder = new FrameEncoder();
  readonly #writer = new TurnWriter();
  readonly #heartbeats: Heartbeats;
  #handshakes = 0;
  #isDraining = false;

  constructor(context: ServiceContext, options: ServerOptions) {
    this.#context = context;
    this.#options = options;
    this.#metrics = serverMetrics(context, options.node);
    this.#heartbeats = new Heartbeats(options.limits.heartbeatMs);
    context.resources.use(this.#heartbeats);
  }

  /** Takes a handshake: refuses it with an HTTP status, or serves the socket that it becomes. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', destroyStream);
    if (this.#isDraining || this.#handshakes >= HANDSHAKES_MAX) {
      this.#refuse(stream, 'unavailable');
      return;
    }
    this.#handshakes += 1;
    const traceparent = request.headers['traceparent'];
    const work = () =>
      withSpan(`GET ${PATH}`, { kind: SpanKind.SERVER }, () =>
        this.#accept(request, stream, head),
      ).catch((error: unknown) => this.#fail(stream, error));
    void withTraceparent(typeof traceparent === 'string' ? traceparent : undefined, work).finally(
      () => {
        this.#handshakes -= 1;
      },
    );
  }

  async #accept(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    const { node, authenticator, allowedOrigins } = this.#options;
    const verdict = decideHandshake(handshakeOf(request), allowedOrigins);
    if (verdict.kind === 'rejected') return this.#refuse(stream, REFUSALS[verdict.reason]);
    const caller = await authenticator.authenticate(verdict.token);
    if (this.#isDraining || node.size >= SOCKETS_MAX) return this.#refuse(stream, 'unavailable');
    const entry = await node.enter(caller.userId);
    let isUpgraded = false;
    // Calls back at once, or not at all when the client has gone or asked for no WebSocket.
    this.#sockets.handleUpgrade(request, stream, head, (ws) => {
      isUpgraded = true;
      // The trace is the handshake's, and not that of all that the socket will see.
      outsideTraces(() => this.#serve({ ws, stream }, entry, caller.expiresAtMs));
    });
    if (!isUpgraded) await node.leave(entry, CLOSE_NOT_OPENED);
  }

  #serve(socket: { ws: WebSocket; stream: Duplex }, entry: SocketEntry, expiresAtMs: number): void {
    const { node, limits } = this.#options;
    const parts = {
      ...{ node, limits, clock: this.#context.clock, onSent: this.#metrics.countSent },
      ...{ encoder: this.#encoder, writer: this.#writer, heartbeats: this.#heartbeats },
    };
    const serving = serveSocket(socket, parts, entry, expiresAtMs)
      .then(this.#metrics.countClosed)
      .catch((error: unknown) => this.#context.log.error({ err: error }, 'a socket failed'))
      .finally(() => this.#serving.delete(serving));
    this.#serving.add(serving);
    if (this.#isDraining) node.sendAllAway();
  }

  #fail(stream: Duplex, error: unknown): void {
    const code = errorCodeOf(error) ?? 'internal';
    if (code === 'internal') this.#context.log.error({ err: error }, 'a handshake failed');
    this.#refuse(stream, code === 'outcome-unknown' ? 'unavailable' : code);
  }

  #refuse(stream: Duplex, code: ErrorCode): void {
    this.#metrics.countRefused(code);
    if (!stream.writable) {
      stream.destroy();
      return;
    }
    const { status, headers, body } = problem(code);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    stream.end(
      [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'),
      () => stream.destroy(),
    );
  }

  /** Takes no more, sends every client elsewhere, and waits until they have gone. */
  async drain(http: Server): Promise<void> {
    this.#isDraining = true;
    http.close();
    this.#options.node.sendAllAway();
    const late = setTimeout(() => {
      for (const ws of this.#sockets.clients) ws.terminate();
    }, DRAIN_TIMEOUT_MS);
    while (this.#serving.size > 0) await Promise.all(this.#serving);
    clearTimeout(late);
    http.closeAllConnections();
  }
}

/**
 * A function of its own: a closure of the handshake would keep the request, and the token with it,
 * for as long as the connection lives.
 */
function destroyStream(this: Duplex): void {
  this.destroy();
}

/** RFC 6455: the connection ended without a close frame. */
const CLOSE_NOT_OPENED = 1006;

const REFUSALS = {
  'unknown-path': 'route-not-found',
  'origin-not-allowed': 'forbidden',
  'no-token': 'unauthenticated',
  'no-subprotocol': 'invalid-request',
} as const satisfies Record<string, ErrorCode>;

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? '';

function handshakeOf(request: IncomingMessage): Handshake {
  const { origin, authorization } = request.headers;
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  const protocols = offered.split(',').map((protocol) => protocol.trim());
  return {
    path: pathOf(request),
    origin,
    authorization,
    protocols: protocols.filter((protocol) => protocol !== ''),
  };
}

/** An HTTP answer with a problem detail (RFC 9457). */
function problem(code: ErrorCode | 'upgrade-required') {
  const { http: status, title } =
    code === 'upgrade-required'
      ? { http: 426, title: 'This address speaks WebSocket only.' }
      : ERRORS[code];
  const body = JSON.stringify({ type: `urn:sagaproof:error:${code}`, title, status, code });
  const headers: Record<string, string | number> = {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  if (status === 426) headers['upgrade'] = 'websocket';
  if (status === 429 || status === 503) headers['retry-after'] = RETRY_AFTER_SECONDS;
  return { status, headers, body };
}

function serverMetrics(context: ServiceContext, node: UpdateNode) {
  const registers = [context.metrics];
  new Gauge({
    name: 'websocket_sockets',
    help: 'Sockets that this node holds.',
    registers,
    collect() {
      this.set(node.size);
    },
  });
  const sent = new Counter({
    name: 'websocket_frames_sent_total',
    help: 'Frames by type.',
    labelNames: ['type'],
    registers,
  });
  const closed = new Counter({
    name: 'websocket_closes_total',
    help: 'Sockets that went, by close code.',
    labelNames: ['code'],
    registers,
  });
  const refused = new Counter({
    name: 'websocket_handshakes_refused_total',
    help: 'Handshakes that were refused, by code of the error registry.',
    labelNames: ['code'],
    registers,
  });
  return {
    countSent: (type: string) => sent.inc({ type }),
    countClosed: (code: number) => closed.inc({ code }),
    countRefused: (code: ErrorCode) => refused.inc({ code }),
  };
}
