import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyInstance } from 'fastify';
import { ERRORS, type ErrorCode } from '#contracts/spec/errors/registry.ts';
import { freshTrace } from './adapters/http-telemetry.ts';
import { PROBLEM_TYPE, problem, SECURITY_HEADERS } from './server-errors.ts';

/** For the client to read why it was refused; closing at once could lose the answer. */
const LINGER_MS = 2_000;

export interface ConnectionGuard {
  /** For `clientErrorHandler`: what comes on this connection cannot be read any further. */
  readonly refuse: (error: ConnectionError, socket: Socket) => void;
  /** Call it before any other hook is added. */
  readonly watch: (app: FastifyInstance) => void;
}

/**
 * Keeps two promises about connections that are refused. What was refused is never begun: bytes
 * that lay unread while a time limit passed would otherwise become a request after all. And what
 * was begun is never answered with a refusal that belongs to something else on its connection.
 */
export function createConnectionGuard(): ConnectionGuard {
  const unreadable = new WeakSet<Socket>();
  const refused = new WeakSet<Socket>();
  const openRequests = new WeakMap<Socket, Set<IncomingMessage>>();

  /** A request that is all there will be served: the next answer on its connection is its own. */
  const owesAnswer = (socket: Socket): boolean =>
    openRequests
      .get(socket)
      ?.values()
      .some((request) => request.complete) ?? false;

  function watch(app: FastifyInstance): void {
    app.addHook('onRequest', ({ raw }, reply, done) => {
      const { socket } = raw;
      if (unreadable.has(socket)) {
        reply.hijack();
        return;
      }
      const open = openRequests.get(socket) ?? new Set();
      openRequests.set(socket, open.add(raw));
      reply.raw.once('close', () => {
        open.delete(raw);
        if (unreadable.has(socket) && !owesAnswer(socket)) socket.destroySoon();
      });
      done();
    });
    app.addHook('preValidation', (request, reply, done) => {
      if (refused.has(request.raw.socket)) reply.hijack();
      else done();
    });
    app.addHook('onSend', ({ raw }, reply, _payload, done) => {
      if (unreadable.has(raw.socket)) reply.header('connection', 'close');
      done();
    });
  }

  function refuse(error: ConnectionError, socket: Socket): void {
    unreadable.add(socket);
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (!owesAnswer(socket)) {
      refused.add(socket);
      answerUnreadable(error, socket);
    }
  }
  return { watch, refuse };
}

/** Answers a request whose head cannot be read: there is no request object for it. */
function answerUnreadable(error: ConnectionError, socket: Socket): void {
  const code = UNREADABLE[error.code] ?? 'invalid-request';
  const { traceId, traceparent } = freshTrace();
  const body = JSON.stringify(problem({ code }, '/', traceId));
  const status = ERRORS[code].http;
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    'x-trace-id': traceId,
    traceparent,
    connection: 'close',
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`);
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(linger));
}

const UNREADABLE: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};
