import { describe, expect, it } from 'vitest';
import { itPassesUnaltered, itSurvivesGarbage, type Turn, Wiretap } from '../decoder.testkit.ts';
import { OpaqueError } from '../protocol.ts';
import { http } from './http.ts';

const played = (...turns: Turn[]): Wiretap => new Wiretap(http).play(turns);
const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

const CONVERSATION: Turn[] = [
  ['client', `${head('POST /subjects/a?x=1 HTTP/1.1', 'Host: r', 'Content-Length: 5')}hello`],
  ['server', head('HTTP/1.1 100 Continue')],
  ['server', `${head('HTTP/1.1 200 OK', 'Content-Length: 3')}abc`],
  ['client', `${head('GET /a HTTP/1.1', 'Host: r')}${head('GET /b HTTP/1.1', 'Host: r')}`],
  ['server', head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')],
  ['server', '3\r\nabc\r\n4;x=y\r\nabcd\r\n0\r\nTrailer: 1\r\n\r\n'],
  ['server', `${head('HTTP/1.1 404 Not Found', 'Content-Length: 2')}no`],
  ['client', head('HEAD /c HTTP/1.1', 'Host: r')],
  ['server', head('HTTP/1.1 200 OK', 'Content-Length: 300')],
  ['client', `${head('PUT /d HTTP/1.1', 'Transfer-Encoding: chunked')}2\r\nhi\r\n0\r\n\r\n`],
  ['server', head('HTTP/1.1 204 No Content')],
];

const UPGRADE: Turn[] = [
  ['client', head('GET /v1/ws HTTP/1.1', 'Host: w', 'Connection: Upgrade', 'Upgrade: websocket')],
  [
    'server',
    Buffer.concat([
      Buffer.from(
        head('HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket'),
      ),
      Buffer.from([0x81, 5, ...Buffer.from('hello')]),
    ]),
  ],
  ['client', Buffer.from([0x81, 0x82, 1, 2, 3, 4, 'h'.charCodeAt(0) ^ 1, 'i'.charCodeAt(0) ^ 2])],
  ['server', Buffer.from([0x01, 2, 0x61, 0x62, 0x89, 0, 0x80, 1, 0x63])],
  ['server', Buffer.concat([Buffer.from([0x82, 126, 1, 0]), Buffer.alloc(256, 7)])],
  ['client', Buffer.from([0x88, 0x80, 0, 0, 0, 0])],
];

describe('an HTTP/1.1 connection', () => {
  itPassesUnaltered(http, CONVERSATION);
  itSurvivesGarbage(http, CONVERSATION);

  it('has each request with its method, path and status', () => {
    expect(played(...CONVERSATION).log).toEqual([
      'http.request method=POST path=/subjects/a status=200 → ok',
      'http.request method=GET path=/a status=200 → ok',
      'http.request method=GET path=/b status=404 → error 404',
      'http.request method=HEAD path=/c status=200 → ok',
      'http.request method=PUT path=/d status=204 → ok',
    ]);
  });

  it('has the bodies without their chunks as content', () => {
    const tap = played(...CONVERSATION);
    const text = (buffers: readonly Buffer[] = []) => Buffer.concat([...buffers]).toString();
    expect(text(tap.operations[0]?.content)).toMatch(/^\/subjects\/a\?x=1\nhost: r\n.*hello$/s);
    expect(text(tap.ends[1]?.content)).toMatch(/abcabcd$/);
  });

  it('ends a request whose answer lasts until the connection ends with the head of it', () => {
    const tap = played(
      ['client', head('GET /stream HTTP/1.0')],
      ['server', `${head('HTTP/1.0 200 OK')}data`],
    );
    expect(tap.log).toEqual(['http.request method=GET path=/stream status=200 → ok']);
  });

  it('gives a repeated request a second answer that the client does not get', () => {
    const tap = new Wiretap(http);
    const [request] = tap.decoder.read('client', Buffer.from(head('GET /a HTTP/1.1')));
    if (!request) throw new Error('a message');
    tap.forward(request);
    tap.forward(request);
    const answer = `${head('HTTP/1.1 200 OK', 'Content-Length: 3')}abc`;
    tap.read('server', Buffer.from(answer + answer));
    expect(tap.forwarded('server').toString()).toBe(answer);
    expect(tap.messages.map(({ surplus }) => surplus)).toEqual([undefined, true]);
  });

  it('is answered with a status of the proxy', () => {
    const tap = played(['client', head('GET /a HTTP/1.1')]);
    const [operation] = tap.operations;
    const answer = operation && tap.decoder.errorAnswer?.(operation, '503');
    tap.read('server', answer ?? Buffer.alloc(0));
    expect(tap.log).toEqual(['http.request method=GET path=/a status=503 → error 503']);
  });

  it.each([
    ['TLS', Buffer.from('160301', 'hex')],
    ['a tunnel', Buffer.from(head('CONNECT a:1 HTTP/1.1'))],
    ['HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ])('is opaque with %s', (_what, bytes) => {
    const decoder = http.open();
    expect(() => decoder.read('client', bytes)).toThrow(OpaqueError);
    expect(decoder.pending('client').equals(bytes)).toBe(true);
  });
});

describe('a WebSocket', () => {
  itPassesUnaltered(http, UPGRADE);
  itSurvivesGarbage(http, UPGRADE);

  it('has each frame of both sides, unmasked and put together', () => {
    const tap = played(...UPGRADE);
    expect(tap.log).toEqual([
      'http.request method=GET path=/v1/ws upgrade=true status=101 → ok',
      'ws.frame opcode=text bytes=5 → ok',
      'ws.frame opcode=text bytes=2 → ok',
      'ws.frame opcode=text bytes=2 final=false → ok',
      'ws.frame opcode=ping bytes=0 → ok',
      'ws.frame opcode=continuation bytes=1 → ok',
      'ws.frame opcode=binary bytes=256 → ok',
      'ws.frame opcode=close bytes=0 → ok',
    ]);
    const texts = tap.operations.map(({ content }) => Buffer.concat([...content]).toString());
    expect(texts[2]).toBe('hi');
    expect(texts[5]).toBe('abc');
  });
});
