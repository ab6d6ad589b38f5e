import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer as it goes over the wire: examples, and no matchers. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: unknown;
}

/** An HTTP server on loopback that gives every request the same answer. */
export interface HttpMock extends AsyncDisposable {
  readonly url: string;
  /** Gives another answer from now on. */
  next(answer: PlainAnswer): void;
}

export async function startHttpMock(): Promise<HttpMock> {
  let now: PlainAnswer = { status: 500 };
  const server = createServer((_, response) => {
    const { status, headers = {}, body } = now;
    response.writeHead(status, headers);
    response.end(body === undefined ? '' : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: (answer) => {
      now = answer;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
