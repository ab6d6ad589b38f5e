import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mismatchesOf } from '../../harness/contracts/provider/pact-output.ts';
import { PactVerifier } from '../../harness/contracts/provider/verifier.ts';
import type { Ask, PactCase, Served } from './corpus.ts';

/** A version, as cases name it: `web 3`. */
export const nameAndVersion = (text: string): readonly [name: string, version: string] => {
  const [name = '', version = ''] = text.split(' ');
  return [name, version];
};

/** What a version of a consumer asks of the provider, as Pact writes it. */
export function pactOf({ consumers, provider }: PactCase, consumer: string): object {
  const asks = consumers[consumer];
  if (asks === undefined) throw new Error(`the case has no consumer ${consumer}`);
  return {
    consumer: { name: nameAndVersion(consumer)[0] },
    provider: { name: provider },
    interactions: asks.map(interactionOf),
    metadata: { pactSpecification: { version: '2.0.0' } },
  };
}

function interactionOf({ get, status, like, comment }: Ask): object {
  return {
    description: `${get} is answered with ${status}`,
    ...(comment !== undefined && { comments: { text: [comment] } }),
    request: { method: 'GET', path: get },
    response: {
      status,
      ...(like !== undefined && {
        headers: { 'Content-Type': 'application/json' },
        body: like,
        matchingRules: { '$.body': { match: 'type' } },
      }),
    },
  };
}

/**
 * Whether a version of the provider, which really runs and answers, keeps what a version of a
 * consumer asks: Pact's own verifier says so. Gives what it says when it does not.
 */
export async function brokenPact(
  change: PactCase,
  consumer: string,
  provider: string,
): Promise<string | undefined> {
  const served = change.providers[provider];
  if (served === undefined) throw new Error(`the case has no provider ${provider}`);
  using folder = temporaryFolder();
  const file = join(folder.path, 'pact.json');
  writeFileSync(file, JSON.stringify(pactOf(change, consumer)));
  await using server = await serve(served);
  await using verifier = new PactVerifier();
  const output = await verifier.verify({
    provider: change.provider,
    providerBaseUrl: server.url,
    pactUrls: [file],
  });
  const [mismatch] = mismatchesOf(output);
  return mismatch && `${provider} does not keep what ${consumer} asks: ${mismatch}`;
}

function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'gate-pact-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

async function serve(served: readonly Served[]) {
  const server = createServer((request, response) => {
    const answer = served.find(({ get }) => get === request.url && request.method === 'GET');
    response.statusCode = answer?.status ?? 404;
    // A verifier on a busy machine would use a connection again as it is closed for being idle.
    response.setHeader('connection', 'close');
    if (answer?.body === undefined) return void response.end();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Pairs of consumer and provider that run side by side after the deployment. */
export function pairsAfterwards({ provider, runs, comes }: PactCase): Array<[string, string]> {
  const [coming] = nameAndVersion(comes);
  const after = [...runs.filter((one) => nameAndVersion(one)[0] !== coming), comes];
  const isProvider = (one: string) => nameAndVersion(one)[0] === provider;
  const answering = after.filter(isProvider);
  return after
    .filter((one) => !isProvider(one))
    .flatMap((consumer) => answering.map((one): [string, string] => [consumer, one]));
}

/** The first of those pairs that does not work. */
export async function pactCounterexample(change: PactCase): Promise<string | undefined> {
  for (const [consumer, provider] of pairsAfterwards(change)) {
    const broken = await brokenPact(change, consumer, provider);
    if (broken !== undefined) return broken;
  }
  return undefined;
}
