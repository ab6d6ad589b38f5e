/** One port for gRPC and HTTP, in plain text or with TLS. */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { type Server, ServerCredentials } from '@grpc/grpc-js';

export interface TlsOptions {
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** Signs the certificates of users; without it, users only have passwords. */
  readonly authority: Buffer | undefined;
}

export interface ListenerOptions {
  readonly grpc: Server;
  readonly http: RequestListener;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsOptions | undefined;
}

export interface Listener {
  readonly port: number;
  /** Takes no new connections, and ends those of HTTP. */
  stop(): void;
}

/** What HTTP/2 begins with: `PRI * HTTP/2.0`. */
const HTTP2_PREFACE = 'PRI';
/**
 * A connection that says nothing for this long after it opened is closed; far above what a proxy
 * that injects latency holds back, as it must not be this server that breaks such a connection.
 */
const FIRST_BYTES_TIMEOUT_MS = 120_000;

export async function listen(options: ListenerOptions): Promise<Listener> {
  const { grpc, host, tls } = options;
  // The sockets that it is given are decrypted already.
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const http = createHttpServer(options.http);
  const serveHttp2 = (socket: Socket) => injector.injectConnection(socket);
  const serveHttp1 = (socket: Socket) => void http.emit('connection', socket);
  const server =
    tls === undefined
      ? createServer({ noDelay: true }, (socket) => sort(socket, serveHttp2, serveHttp1))
      : createTls(tls, (socket) =>
          (socket.alpnProtocol === 'h2' ? serveHttp2 : serveHttp1)(socket),
        );
  const port = await bind(server, host, options.port);
  return {
    port,
    stop() {
      server.close();
      http.closeAllConnections();
    },
  };
}

function createTls(tls: TlsOptions, serve: (socket: TLSSocket) => void): NetServer {
  const server = createTlsServer(
    {
      cert: tls.certificate,
      key: tls.key,
      ALPNProtocols: ['h2', 'http/1.1'],
      noDelay: true,
      ...(tls.authority === undefined
        ? {}
        : { ca: tls.authority, requestCert: true, rejectUnauthorized: false }),
    },
    (socket) => {
      socket.on('error', () => socket.destroy());
      serve(socket);
    },
  );
  // A client without TLS, or one that does not trust us; the others are served.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** Looks at the first bytes of a connection, and puts them back. */
function sort(
  socket: Socket,
  serveHttp2: (socket: Socket) => void,
  serveHttp1: (socket: Socket) => void,
): void {
  socket.on('error', () => socket.destroy());
  socket.setTimeout(FIRST_BYTES_TIMEOUT_MS, () => socket.destroy());
  socket.once('readable', () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return void socket.destroy();
    socket.setTimeout(0);
    socket.removeAllListeners('timeout');
    socket.unshift(chunk);
    const start = chunk.subarray(0, HTTP2_PREFACE.length).toString('latin1');
    (start === HTTP2_PREFACE ? serveHttp2 : serveHttp1)(socket);
  });
}

async function bind(server: NetServer, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error) =>
    reject(new Error(`Cannot listen on ${host}:${port}: ${error.message}`)),
  );
  server.listen(port, host, resolve);
  await promise;
  return (server.address() as AddressInfo).port;
}
