import type { DescService } from '@bufbuild/protobuf';
import { JobService } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { OrderService } from '#proto/sagaproof/order/v1/order_pb.js';
import { type RestRequest, sendWithRetry } from '../harness/clients/rest.ts';
import { type ApiOperation, operationsOf, readOpenapi } from '../harness/documents/openapi.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import { type Accepted, orderBody, type User } from '../harness/scenario/user.ts';
import type { World } from '../harness/scenario/world.ts';

/** Methods that make the object instead of naming one that exists. */
const CREATES = new Set(['issueJob', 'placeOrder']);
const PUBLIC = new Set(['getOpenapi']);
/** How the history names commands: their effects belong to who sent them. */
const COMMANDS: Readonly<Record<string, 'place-order' | 'cancel-order'>> = {
  placeOrder: 'place-order',
  cancelOrder: 'cancel-order',
};

/**
 * Claims: at every verb, what belongs to a customer exists for no other one, and a token counts
 * only while it is valid.
 * Checks: each operation of the OpenAPI document without a token, with one that has ended, with
 * one that is none, and as another customer, who also uses the first one's page token and
 * idempotency key; each gRPC method that names a caller and an order or a job, with another caller;
 * the WebSocket messages with another customer's job, alone and among own jobs.
 * Could be fooled: by a service that refuses everything; hence the owner is served at the end.
 */
export default defineScenario({
  name: 'every-verb',
  claims: 'what belongs to a customer exists for no other one, at every verb',
  instances: { websocket: 2 },
  async play({ world }) {
    const [owner, other] = await Promise.all([world.user(), world.user()]);
    const [sku, cardToken] = await Promise.all([world.sku(5), world.card()]);
    const options = { lines: [{ sku, quantity: 1 }], cardToken };
    const idempotencyKey = world.name('key');
    const own = await owner.placeOrder({ ...options, idempotencyKey });
    await owner.jobEnded(own.jobId);
    const second = await owner.placeOrder(options);
    await owner.jobEnded(second.jobId);
    await world.historyShows(owner, second.orderId, 'APPROVED');
    const facts: Facts = { world, owner, other, own, sku, idempotencyKey };
    const operations = operationsOf(readOpenapi()).filter((one) => !PUBLIC.has(one.operationId));
    expect(operations.length, 'operations of the document').toBeGreaterThan(0);
    for (const operation of operations) {
      await refusedWithoutToken(facts, operation, orderBody(options));
      await hiddenFromOther(facts, operation, orderBody(options));
    }
    await methodsHide(facts);
    await socketsHide(facts);
    expect((await owner.wholeOrder(own.orderId))['status'], 'the order').toBe('APPROVED');
  },
});

interface Facts {
  readonly world: World;
  readonly owner: User;
  readonly other: User;
  readonly own: Accepted;
  readonly sku: string;
  readonly idempotencyKey: string;
}

const pathOf = ({ own, sku }: Facts, { path }: ApiOperation): string =>
  path.replace('{orderId}', own.orderId).replace('{jobId}', own.jobId).replace('{sku}', sku);

const isOwned = ({ path }: ApiOperation): boolean => /\{(?:orderId|jobId)\}/.test(path);
const isList = ({ operationId }: ApiOperation): boolean => operationId.startsWith('list');

async function refusedWithoutToken(
  facts: Facts,
  operation: ApiOperation,
  json: object,
): Promise<void> {
  const { world, owner } = facts;
  const expired = await world.mint({ sub: owner.userId, expiresInSeconds: -60 });
  const cases = [
    ['without a token', undefined, 'unauthenticated'],
    ['with a token that has ended', expired, 'token-expired'],
    ['with a token that is none', 'not.a.token', 'unauthenticated'],
  ] as const;
  for (const [how, token, code] of cases) {
    const { status, body } = await sendAs(facts, operation, { token, json });
    const label = `${operation.method} ${operation.path} ${how}`;
    expect([status, body['code']], label).toEqual([401, code]);
  }
}

async function hiddenFromOther(facts: Facts, operation: ApiOperation, json: object): Promise<void> {
  const { owner, other, own } = facts;
  const label = `${operation.method} ${operation.path} as another customer`;
  const { token, userId } = other;
  const send = (query = '') => sendAs(facts, operation, { token, userId, json, query });
  const answers = [await send()];
  if (isList(operation)) {
    const page = await sendAs(facts, operation, { ...owner, query: '?pageSize=1' });
    const next = page.body['nextPageToken'];
    expect(typeof next, `the token of the second page of ${operation.path}`).toBe('string');
    answers.push(await send(`?pageSize=1&pageToken=${encodeURIComponent(String(next))}`));
  }
  for (const { status, body } of answers) {
    if (isOwned(operation))
      expect([status, body['code']], label).toEqual([404, notFound(operation)]);
    const text = JSON.stringify(body);
    // A problem names its own address, which has the id that was asked for.
    const shown = [own.orderId, own.jobId].filter((id) => status < 300 && text.includes(id));
    expect(shown, `${label}: what it shows of the owner`).toEqual([]);
    expect(status, label).toBeLessThan(500);
  }
}

const notFound = ({ path }: ApiOperation): string =>
  path.includes('{jobId}') ? 'job-not-found' : 'order-not-found';

const sendAs = (
  facts: Facts,
  operation: ApiOperation,
  {
    token,
    userId,
    json,
    query = '',
  }: { token?: string | undefined; userId?: string; json?: object; query?: string },
) =>
  sendWithRetry(() =>
    facts.world.rest.send({
      ...{
        name: COMMANDS[operation.operationId] ?? 'other',
        method: operation.method as RestRequest['method'],
        path: `${pathOf(facts, operation)}${query}`,
      },
      ...(token === undefined ? {} : { token }),
      ...(userId === undefined ? {} : { userId }),
      ...(operation.method === 'POST' ? { idempotencyKey: keyFor(facts, operation) } : {}),
      ...(operation.operationId === 'placeOrder' ? { json } : {}),
    }),
  );

/** The owner's key makes a new order for another customer; other commands have their own keys. */
const keyFor = ({ world, idempotencyKey }: Facts, { operationId }: ApiOperation): string =>
  operationId === 'placeOrder' ? idempotencyKey : world.name('key');

/** Each method that names its caller and an object: for another caller there is none. */
async function methodsHide({ world, other, own }: Facts): Promise<void> {
  const { jobs, order } = world.rpc;
  const { jobId, orderId } = own;
  for (const [client, service] of [
    [jobs, JobService],
    [order, OrderService],
  ] as const) {
    for (const method of ownedMethods(service)) {
      const call = client.call.bind(client) as unknown as Call;
      const answer = await call(method, { jobId, orderId, userId: other.userId });
      const text = JSON.stringify(answer.message ?? {}, (_, value) =>
        typeof value === 'bigint' ? String(value) : (value as unknown),
      );
      expect(text.includes(orderId) || text.includes(jobId), `${method} of another`).toBe(false);
    }
  }
}

type Call = (
  method: string,
  request: Readonly<Record<string, unknown>>,
) => Promise<{ readonly ok: boolean; readonly message?: object }>;

function ownedMethods({ methods }: DescService): string[] {
  const owned = methods.filter(({ localName, input }) => {
    const fields = input.fields.map((field) => field.localName);
    const names = fields.includes('orderId') || fields.includes('jobId');
    return names && fields.includes('userId') && !CREATES.has(localName);
  });
  expect(owned.length, 'methods that name an owner').toBeGreaterThan(0);
  return owned.map(({ localName }) => localName);
}

/** Messages with another customer's job have no effect, for either of the two. */
async function socketsHide({ world, owner, other, own, sku }: Facts): Promise<void> {
  const cardToken = await world.card();
  const place = (user: User) => user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
  const [watching, curious] = await Promise.all([owner.socket(), other.socket({ node: 1 })]);
  const [theirs, mine] = await Promise.all([place(owner), place(other)]);
  await watching.subscribe({ jobId: theirs.jobId, level: 'detail' });
  const positions = { [theirs.jobId]: 0, [mine.jobId]: 0, [own.jobId]: 0 };
  await curious.resume({ [theirs.jobId]: 0 }, 'detail');
  await curious.resume(positions, 'detail');
  await curious.subscribe({ jobId: theirs.jobId, level: 'detail', afterSequence: 0 });
  curious.send({ type: 'unsubscribe', requestId: world.name('request'), jobId: theirs.jobId });
  await Promise.all([watching.terminal(theirs.jobId), curious.terminal(mine.jobId)]);
  const foreign = curious.frames.filter(
    ({ type, jobId }) => type === 'update' && (jobId === theirs.jobId || jobId === own.jobId),
  );
  expect(foreign, 'updates of another customer’s job').toEqual([]);
}
