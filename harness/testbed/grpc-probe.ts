/** One unary gRPC call with an empty request, over HTTP/2 as it is: enough to ask for health. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';

/** A gRPC message: not compressed, four bytes of length, the message. */
const PREFIX_BYTES = 5;
const ANSWER_BYTES_MAX = 1024 * 1024;

/**
 * @param target `host:port` of a server without TLS
 * @returns the answer's protobuf bytes
 * @throws with the status when the server does not answer OK
 */
export async function callEmpty(
  target: string,
  method: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const session = connect(`http://${target}`);
  // A session that breaks also breaks its stream, whose error is thrown below.
  session.on('error', () => undefined);
  try {
    return await exchange(session, method, signal);
  } finally {
    session.destroy();
  }
}

async function exchange(
  session: ClientHttp2Session,
  method: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const stream = session.request(
    {
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
    },
    { signal },
  );
  // The wait below stops listening when the signal aborts, and the stream reports that abort later:
  // without a listener of its own it would end the supervisor.
  stream.on('error', () => undefined);
  let headers: IncomingHttpHeaders = {};
  stream.on('response', (received) => {
    headers = { ...headers, ...received };
  });
  stream.on('trailers', (received) => {
    headers = { ...headers, ...received };
  });
  stream.end(Buffer.alloc(PREFIX_BYTES));
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= ANSWER_BYTES_MAX) chunks.push(chunk);
    else stream.destroy(new Error(`${method} answered more than ${ANSWER_BYTES_MAX} bytes`));
  });
  await once(stream, 'close', { signal });
  if (stream.errored) throw stream.errored;
  const status = headers['grpc-status'];
  if (status !== '0') {
    throw new Error(
      `${method} answered status ${status ?? 'none'} ${headers['grpc-message'] ?? ''}`,
    );
  }
  return Buffer.concat(chunks).subarray(PREFIX_BYTES);
}
