/** Heads, bodies and ends of HTTP/1.1 messages in one direction, found by http-parser-js. */
import { HTTPParser } from 'http-parser-js';
import { OpaqueError } from '../protocol.ts';

export interface Head {
  readonly method: string;
  readonly url: string;
  /** 0 for a request. */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** It asks for another protocol, or switches to it. */
  readonly upgrade: boolean;
  /** Its body has no length and lasts until the connection ends. */
  readonly lasts: boolean;
}

export type HttpEvent =
  | { readonly kind: 'head'; readonly head: Head }
  | { readonly kind: 'body'; readonly bytes: Buffer }
  /** @see at is a position in the bytes that were fed: the message ends before it. */
  | { readonly kind: 'end'; readonly at: number };

type Parser = InstanceType<typeof HTTPParser> & ParserState;

const HEAD_BYTES_MAX = 80 * 1024;

interface ParserState {
  /** Where the parser is in the chunk. */
  readonly offset: number;
  readonly isChunked: boolean;
  readonly body_bytes: number | null;
}

export class HttpMessages {
  readonly #parser: Parser;
  #events: HttpEvent[] = [];

  /** @param hasNoBody whether the message with this head has none, whatever the head says */
  constructor(type: 'REQUEST' | 'RESPONSE', hasNoBody: (head: Head) => boolean) {
    const parser = new HTTPParser(type) as Parser;
    this.#parser = parser;
    parser.maxHeaderSize = HEAD_BYTES_MAX;
    parser[HTTPParser.kOnHeadersComplete] = (info) => {
      const head: Head = {
        method: HTTPParser.methods[info.method] ?? '',
        url: info.url ?? '',
        status: info.statusCode ?? 0,
        headers: pairs(info.headers),
        upgrade: info.upgrade,
        lasts: type === 'RESPONSE' && !parser.isChunked && parser.body_bytes === null,
      };
      this.#events.push({ kind: 'head', head });
      return hasNoBody(head) ? 1 : 0;
    };
    parser[HTTPParser.kOnBody] = (bytes) => void this.#events.push({ kind: 'body', bytes });
    parser[HTTPParser.kOnMessageComplete] = () =>
      void this.#events.push({ kind: 'end', at: parser.offset });
  }

  /**
   * Reads on, up to the end of a message that changes the protocol.
   *
   * @throws {@link OpaqueError}
   */
  feed(bytes: Buffer): HttpEvent[] {
    this.#events = [];
    const read = this.#parser.execute(bytes);
    if (read instanceof Error) throw new OpaqueError(`no HTTP/1.1: ${read.message}`);
    return this.#events;
  }
}

function pairs(headers: readonly string[]): Head['headers'] {
  const found: [string, string][] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    found.push([(headers[index] as string).toLowerCase(), headers[index + 1] as string]);
  }
  return found;
}
