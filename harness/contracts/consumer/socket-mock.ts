import { once } from 'node:events';
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Said, SocketAnswer, SocketHandshake } from '../../pacts/socket-interaction.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the server plays to the next client. */
export interface SocketPlay {
  readonly answer: SocketAnswer;
  /** Frames that are pushed once the first message was answered. */
  readonly unasked?: readonly Json[];
  /** The client's messages according to the contract, one by one. */
  readonly says: readonly Said[];
  /** Close when there is nothing more to say: a client that waits for more fails at once. */
  readonly thenClose?: boolean;
}

/** A WebSocket server on loopback that gives the contract's answers and records all messages. */
export interface SocketMock extends AsyncDisposable {
  /** host:port. */
  readonly address: string;
  /** Sets the play for all later clients, and clears what was recorded. */
  next(play: SocketPlay): void;
  readonly handshakes: readonly SocketHandshake[];
  readonly said: readonly Said[];
}

/** Starts a server; {@link SocketMock.next} says what it plays. */
export async function startSocketMock(): Promise<SocketMock> {
  const handshakes: SocketHandshake[] = [];
  const said: Said[] = [];
  let play: SocketPlay | undefined;
  const http = createServer();
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: () => play?.answer.subprotocol ?? false,
  });
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    handshakes.push(handshakeOf(request));
    const now = play;
    const { status } = now?.answer ?? { status: 500 };
    if (now === undefined || status !== 101) {
      stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (ws) => playTo(ws, now, said));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    address: `127.0.0.1:${(http.address() as AddressInfo).port}`,
    next(other) {
      play = other;
      handshakes.length = 0;
      said.length = 0;
    },
    handshakes,
    said,
    async [Symbol.asyncDispose]() {
      for (const ws of sockets.clients) ws.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const NORMAL_CLOSE = 1000;

function playTo(
  ws: WebSocket,
  { answer, unasked = [], says, thenClose }: SocketPlay,
  said: Said[],
) {
  const { frames = [], closeCode } = answer;
  ws.on('message', (data, isBinary) => {
    const message = saidOf(data, isBinary, says[said.length]);
    said.push(message);
    const requestId = 'json' in message ? message.json['requestId'] : undefined;
    const answers = frames.filter((frame) => frame['requestId'] === requestId);
    const unaskedNow = said.length === 1 ? unasked : [];
    for (const frame of [...answers, ...unaskedNow]) ws.send(JSON.stringify(frame));
    const isLast = said.length === says.length;
    if (isLast && closeCode !== undefined) ws.close(closeCode);
    else if (thenClose && (isLast || answers.length === 0)) ws.close(NORMAL_CLOSE);
  });
  if (says.length === 0 && closeCode !== undefined) ws.close(closeCode);
}

/** As the contract would write it. */
function saidOf(data: RawData, isBinary: boolean, expected: Said | undefined): Said {
  const bytes = data as Buffer;
  if (isBinary) return { binary: bytes.toString('base64') };
  if (expected !== undefined && 'textBytes' in expected) return { textBytes: bytes.length };
  const text = bytes.toString('utf8');
  return expected !== undefined && 'text' in expected ? { text } : { json: JSON.parse(text) };
}

function handshakeOf({ url, headers }: IncomingMessage): SocketHandshake {
  const { authorization, origin } = headers;
  const offered = headers['sec-websocket-protocol'] ?? '';
  return {
    path: url ?? '',
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(origin === undefined ? {} : { origin }),
    },
    protocols: offered.split(',').map((protocol) => protocol.trim()),
  };
}
