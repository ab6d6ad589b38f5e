/** Messages of Postgres's protocol, version 3. */

export const SSL_REQUEST = 80_877_103;
export const GSS_REQUEST = 80_877_104;
export const CANCEL_REQUEST = 80_877_102;
export const VERSION_3 = 3;

/** Message types, as the byte that they begin with. */
export const TYPE = {
  // Of the client.
  query: 0x51,
  parse: 0x50,
  bind: 0x42,
  execute: 0x45,
  close: 0x43,
  sync: 0x53,
  flush: 0x48,
  terminate: 0x58,
  functionCall: 0x46,
  copyData: 0x64,
  copyDone: 0x63,
  copyFail: 0x66,
  password: 0x70,
  // Of the server.
  ready: 0x5a,
  error: 0x45,
  complete: 0x43,
  copyIn: 0x47,
  copyBoth: 0x57,
} as const;

/** A text that ends with a zero byte; the rest of the bytes if there is none. */
export function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('utf8', at, end < 0 ? bytes.length : end);
}

/** The field of an error or a notice: `C` is the SQLSTATE. */
export function errorField(bytes: Buffer, at: number, field: string): string | undefined {
  for (let next = at; next < bytes.length && bytes[next] !== 0; ) {
    const text = textAt(bytes, next + 1);
    if (bytes[next] === field.charCodeAt(0)) return text;
    next += 2 + Buffer.byteLength(text);
  }
  return undefined;
}

export function message(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(type);
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

/** An error and what the server waits for: `I` no transaction, `E` one that failed. */
export function errorAndReady(code: string, status: 'I' | 'E'): Buffer {
  const fields = `SERROR\0VERROR\0C${code}\0Minjected by the wire proxy\0\0`;
  return Buffer.concat([
    message(TYPE.error, Buffer.from(fields)),
    message(TYPE.ready, Buffer.from(status)),
  ]);
}

export const query = (sql: string): Buffer => message(TYPE.query, Buffer.from(`${sql}\0`));
export const SYNC = message(TYPE.sync, Buffer.alloc(0));
