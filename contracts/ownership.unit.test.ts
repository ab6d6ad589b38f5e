import { readFileSync } from 'node:fs';
import type { DescService } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { JobService } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { OrderService } from '#proto/sagaproof/order/v1/order_pb.js';
import { QueryService } from '#proto/sagaproof/query/v1/query_pb.js';

/**
 * Every operation that names something with an owner has a contract interaction as another user;
 * every one that needs a token has one without a valid token and one with a token that has ended.
 */
interface Interaction {
  readonly description: string;
  readonly providerStates?: ReadonlyArray<{ readonly name: string }>;
  readonly request: Readonly<Record<string, unknown>>;
  readonly response: unknown;
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const interactionsOf = (pact: string): readonly Interaction[] =>
  (JSON.parse(read(`./pacts/${pact}.json`)) as { interactions: Interaction[] }).interactions;

const OWNED = ['orderId', 'jobId'];
const ANOTHER = /another user/;
const isOfAnother = ({ description, providerStates = [] }: Interaction): boolean =>
  ANOTHER.test(description) || providerStates.some(({ name }) => ANOTHER.test(name));

describe('every operation of the OpenAPI document', () => {
  const { paths } = parse(read('./spec/openapi.yaml')) as {
    paths: Record<string, Record<string, { operationId?: string; security?: unknown[] }>>;
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId, security }]) =>
      operationId === undefined || security?.length === 0
        ? []
        : [{ operationId, path, method: method.toUpperCase() }],
    ),
  );
  const of = ({ path, method }: (typeof operations)[number]): readonly Interaction[] => {
    const address = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    return interactionsOf('web-client-api-gateway').filter(
      ({ request }) => request['method'] === method && address.test(String(request['path'])),
    );
  };

  it.each(operations)('$operationId is refused without a valid token', (operation) => {
    const answers = of(operation).map(({ response }) => JSON.stringify(response));
    for (const code of ['unauthenticated', 'token-expired']) {
      expect(
        answers.some((answer) => answer.includes(`"${code}"`)),
        code,
      ).toBe(true);
    }
  });

  const owned = operations.filter(({ path }) => OWNED.some((name) => path.includes(`{${name}}`)));
  it.each(owned)('$operationId has an interaction as another user', (operation) => {
    expect(
      of(operation)
        .filter(isOfAnother)
        .map(({ description }) => description),
    ).not.toEqual([]);
  });
});

describe('every message that a socket sends', () => {
  const { components } = parse(read('./spec/asyncapi.yaml')) as {
    components: {
      schemas: Record<string, { properties?: Record<string, { const?: string }> }>;
    };
  };
  /** It ends what the socket itself asked for, and can name nothing of another user's. */
  const HARMLESS = ['unsubscribe'];
  const sent = ['subscribe', 'unsubscribe', 'resume', 'ping'];
  const owned = Object.values(components.schemas).flatMap(({ properties = {} }) => {
    const type = properties['type']?.const ?? '';
    const names = ['jobId', 'positions'].some((name) => name in properties);
    return names && sent.includes(type) && !HARMLESS.includes(type) ? [type] : [];
  });

  it('names a job in some of them', () => {
    expect(owned.toSorted()).toEqual(['resume', 'subscribe']);
  });

  it.each(owned)('%s has an interaction with another user’s job', (type) => {
    const found = interactionsOf('web-client-websocket').filter(
      (one) => isOfAnother(one) && JSON.stringify(one.request).includes(`"type":"${type}"`),
    );
    expect(found.map(({ description }) => description)).not.toEqual([]);
  });
});

describe('every gRPC method that names its caller and something with an owner', () => {
  /** They make the object. */
  const CREATES = ['issueJob', 'placeOrder'];
  const PACTS: ReadonlyArray<readonly [DescService, string]> = [
    [JobService, 'api-gateway-job-management'],
    [OrderService, 'api-gateway-order'],
    [QueryService, 'api-gateway-query'],
  ];
  const methods = PACTS.flatMap(([service, pact]) =>
    service.methods
      .filter(({ localName, input }) => {
        const fields = input.fields.map((field) => field.localName);
        const names = OWNED.some((name) => fields.includes(name)) && fields.includes('userId');
        return names && !CREATES.includes(localName);
      })
      .map(({ name }) => ({ name, pact })),
  );

  it.each(methods)('$name has an interaction with another caller', ({ name, pact }) => {
    const found = interactionsOf(pact).filter(
      (one) => isOfAnother(one) && JSON.stringify(one.request).includes(`"method":"${name}"`),
    );
    expect(found.map(({ description }) => description)).not.toEqual([]);
  });
});
