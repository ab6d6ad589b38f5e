/**
 * A stand-in for a Pact Broker: the real one is a Ruby program, which no registry of this project
 * has. It answers the two requests of Pact's own client, which is the real one, as the broker's
 * documentation of the matrix describes them; it keeps and decides nothing.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { askBroker } from './broker.ts';

const QUESTION = { service: 'order', version: '1.4.0', environment: 'prod' } as const;
const REASON =
  'There is no verified pact between order (1.4.0) and the version of inventory in prod';

interface StandIn extends AsyncDisposable {
  readonly url: string;
  readonly asked: ReadonlyArray<Pick<IncomingMessage, 'method' | 'url' | 'headers'>>;
}

async function standIn(answer: { readonly status?: number; readonly body: string }) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    response.statusCode = answer.status ?? 200;
    response.setHeader('content-type', 'application/hal+json');
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  } satisfies StandIn;
}

const matrix = (summary: object) => ({
  body: JSON.stringify({ summary: { reason: REASON, ...summary }, notices: [], matrix: [] }),
});

describe('asking a Pact Broker', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('queries one version and environment, with the token', async () => {
    vi.stubEnv('PACT_BROKER_TOKEN', 'a-token');
    await using broker = await standIn(matrix({ deployable: true, failed: 0, unknown: 0 }));
    expect(await askBroker(QUESTION, broker.url)).toEqual([]);
    const { url, headers } = broker.asked.at(-1) ?? {};
    const query = new URL(url ?? '', broker.url).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      'q[][pacticipant]': 'order',
      'q[][version]': '1.4.0',
      environment: 'prod',
    });
    expect(headers?.authorization).toBe('Bearer a-token');
  });

  it.each([
    ['failed', { deployable: false, failed: 1, unknown: 0 }, 'verification-failed', 'breaks'],
    ['are missing', { deployable: null, failed: 0, unknown: 1 }, 'not-verified', 'unknown'],
  ])('tells verifications that %s', async (_, summary, rule, certainty) => {
    await using broker = await standIn(matrix(summary));
    expect(await askBroker(QUESTION, broker.url)).toMatchObject([
      { rule: `pact/broker-${rule}`, certainty, what: REASON },
    ]);
  });

  it.each([
    ['refuses', { status: 401, body: '{}' }],
    ['is another program', { body: '<html>not a broker</html>' }],
  ])('takes no answer from what %s for a yes', async (_, answer) => {
    await using broker = await standIn(answer);
    await expect(askBroker(QUESTION, broker.url)).rejects.toThrow(
      `the Pact Broker at ${broker.url} gave no answer about order 1.4.0 to prod`,
    );
  });

  it('hides the password of an address', async () => {
    await expect(askBroker(QUESTION, 'http://ann:secret@127.0.0.1:9')).rejects.toThrow(
      'the Pact Broker at http://127.0.0.1:9 does not answer',
    );
  });
});
