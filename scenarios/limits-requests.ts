import pMap from 'p-map';
import { v4 as uuid } from 'uuid';
import type { RestRequest, RestResponse } from '../harness/clients/rest.ts';
import { sendWithRetry } from '../harness/clients/rest.ts';
import { readOpenapi } from '../harness/documents/openapi.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { orderBody } from '../harness/scenario/user.ts';
import { Boundaries, type Variant } from './limits/boundaries.ts';
import { checkPages, type Placed } from './limits/pages.ts';

/** A request, and whether the document allows it. */
interface Case {
  readonly what: string;
  readonly request: Omit<RestRequest, 'token' | 'userId'>;
  readonly isValid: boolean;
  /** Where a refusal must point to, or to a part that has it. */
  readonly pointer: string;
}

const AT_ONCE = 8;
const HEADER_TEXT = /^[\x20-\x7e]*$/;

/**
 * Claims: the API takes every request that the OpenAPI document allows, and refuses every other one
 * with a 400 that points to what is wrong.
 * Checks: requests that are derived from the document: each limit at n - 1, n and n + 1, each
 * border of a class of characters, each property left out; body, path, query and headers. Each
 * order that is taken ends. Then the user has more orders and jobs than a page may have: pages of
 * the default size and of the largest have each once.
 * Could be fooled: by two limits that are only wrong together; one place differs at a time.
 */
export default defineScenario({
  name: 'limits-requests',
  claims: 'requests are taken or refused, and lists paged, as the OpenAPI document says',
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken, socket] = await Promise.all([
      world.sku(1_000),
      world.card(1_000_000_000_000),
      user.socket(),
    ]);
    await socket.subscribe({ level: 'outcome' });
    const document = readOpenapi();
    const boundaries = new Boundaries(document);
    const orderOf = (sku: string) =>
      orderBody({ lines: [{ sku, quantity: 1 }], cardToken, unitPrice: 1 });
    const variantsOf = (body: object) =>
      boundaries.variants('/components/schemas/PlaceOrder', body).map(bodyCase);
    // Only addresses go through every step; an order without stock ends at its first one.
    const unstocked = orderOf(world.name('sku'));
    const isAddress = ({ pointer }: Case) => pointer.startsWith('body/address');
    const cases = [
      ...variantsOf(orderOf(sku)).filter(isAddress),
      ...variantsOf(unstocked).filter((one) => !isAddress(one)),
      ...parameterCases(boundaries, document, unstocked),
      ...queryCases,
    ];
    const problems: string[] = [];
    const accepted = new Map<string, Placed>();
    const send = async (one: Case) => {
      const { token, userId } = user;
      const response = await sendWithRetry(() =>
        world.rest.send({ ...one.request, token, userId }),
      );
      const problem = one.isValid ? refusalOf(response) : acceptanceOf(one, response);
      if (problem !== undefined) problems.push(`${one.what}: ${problem}`);
      if (response.status !== 202) return;
      const { jobId, orderId } = response.body;
      accepted.set(String(jobId), { jobId: String(jobId), orderId: String(orderId) });
    };
    await pMap(cases, send, { concurrency: AT_ONCE });
    for (const jobId of accepted.keys()) {
      const { reason } = await socket.terminal(jobId);
      if (reason === 'step-timed-out') problems.push(`job ${jobId} ended by a time-out`);
    }
    if (accepted.size === 0) problems.push('nothing was sent');
    if (problems.length > 0) throw new Error(problems.join('\n'));
    await checkPages({ world, user, socket, before: [...accepted.values()] });
  },
});

const bodyCase = ({ where, what, value, isValid }: Variant): Case => ({
  what: `body${where}: ${what}`,
  request: {
    ...{ name: 'place-order', method: 'POST', path: '/v1/orders' },
    idempotencyKey: uuid(),
    json: value,
  },
  isValid,
  pointer: `body${where}`,
});

/** Parameters that are texts: in the path, and the Idempotency-Key. */
function parameterCases(
  boundaries: Boundaries,
  document: ReturnType<typeof readOpenapi>,
  body: object,
): Case[] {
  const { Uuid, Sku } = document.components.schemas;
  const inPath = (name: string, pathOf: (text: string) => string, schema: object = {}) =>
    boundaries
      .texts(schema, uuid())
      .filter(({ value }) => value !== '')
      .map(({ what, value, isValid }): Case => {
        const path = pathOf(encodeURIComponent(String(value)));
        const request = { name: 'other', method: 'GET', path } as const;
        return { what: `${name} in ${pathOf('…')}: ${what}`, request, isValid, pointer: 'path' };
      });
  const { parameters } = document.components as unknown as {
    parameters: Readonly<Record<string, { readonly schema: object }>>;
  };
  const keys = boundaries.texts(parameters['IdempotencyKey']?.schema ?? {}, uuid());
  return [
    ...inPath('orderId', (id) => `/v1/orders/${id}`, Uuid),
    ...inPath('jobId', (id) => `/v1/jobs/${id}`, Uuid),
    ...inPath('sku', (id) => `/v1/stock/${id}`, Sku),
    ...keys
      .filter(({ value }) => HEADER_TEXT.test(String(value)))
      .map(
        ({ what, value, isValid }): Case => ({
          what: `Idempotency-Key: ${what}`,
          request: {
            ...{ name: 'place-order', method: 'POST', path: '/v1/orders', json: body },
            idempotencyKey: String(value),
          },
          isValid,
          pointer: 'headers',
        }),
      ),
  ];
}

/** The numbers that a page size may be, as texts. */
const PAGE_SIZES: ReadonlyArray<readonly [size: string, isValid: boolean]> = [
  ...(['1', '2', '99', '100'] as const).map((size) => [size, true] as const),
  ...['-1', '0', '101', '1.5', 'ten', '0x10', '1e1', ''].map((size) => [size, false] as const),
];

const queryCases: readonly Case[] = ['/v1/jobs', '/v1/customers/me/orders'].flatMap((list) => [
  ...PAGE_SIZES.map(([size, isValid]): Case => {
    const path = `${list}?pageSize=${size}`;
    const request = { name: 'other', method: 'GET', path } as const;
    return { what: path, request, isValid, pointer: 'query/pageSize' };
  }),
  ...['', 'x'.repeat(513), 'not%20one%20of%20yours'].map((token): Case => {
    const path = `${list}?pageToken=${token}`;
    const request = { name: 'other', method: 'GET', path } as const;
    return { what: path.slice(0, 60), request, isValid: false, pointer: 'query/pageToken' };
  }),
]);

/** A request that is allowed must not be called wrong; a path may lead to nothing. */
const refusalOf = ({ status, body }: RestResponse): string | undefined =>
  status < 300 || status === 404 ? undefined : `${status} ${JSON.stringify(body)}`;

/** What is wrong with the answer to a request that is not allowed. */
function acceptanceOf({ pointer }: Case, response: RestResponse): string | undefined {
  const { status, body, headers } = response;
  if (status !== 400 || body['code'] !== 'invalid-request') {
    return `it is not allowed, and was answered ${status} ${JSON.stringify(body).slice(0, 200)}`;
  }
  const type = headers.get('content-type') ?? '';
  if (!type.startsWith('application/problem+json')) return `the refusal is ${type}`;
  const errors = (body['errors'] ?? []) as ReadonlyArray<{ readonly pointer: string }>;
  const isNamed = errors.some(
    (one) => pointer.startsWith(one.pointer) || one.pointer.startsWith(pointer),
  );
  return isNamed ? undefined : `the refusal does not name ${pointer}: ${JSON.stringify(errors)}`;
}
