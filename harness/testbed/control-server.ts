/** The supervisor's orders over a Unix socket in the run folder: only this user can reach it. */
import { chmodSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AddressBook, InstanceAddress } from '../kernel/address-book.ts';
import { SagaproofError } from '../kernel/errors.ts';
import type { StackSignal, StackStatus } from './control-client.ts';
import type { ProgressEvent } from './progress.ts';
import type { Exit } from './providers/provider.ts';

/** The orders that the supervisor takes. */
export interface Orders {
  status(health: boolean): Promise<StackStatus>;
  addressBook(): AddressBook;
  events(signal: AbortSignal): AsyncIterable<ProgressEvent>;
  signal(id: string, signal: StackSignal): Promise<void>;
  stop(id: string): Promise<Exit>;
  restart(
    id: string,
    env: Readonly<Record<string, string>> | undefined,
  ): Promise<InstanceAddress | undefined>;
  startInstance(service: string): Promise<InstanceAddress>;
  /** Resolves once everything is down; the supervisor ends after it has answered. */
  down(): Promise<void>;
}

/** An order that cannot be carried out as given: the caller's mistake. */
export class OrderError extends SagaproofError {
  override readonly name = 'OrderError';

  constructor(message: string, details: { file?: string; fix?: string; cause?: unknown } = {}) {
    super('unknown-name', message, details);
  }
}

const SignalBody = z.strictObject({
  signal: z.enum(['SIGKILL', 'SIGTERM', 'SIGSTOP', 'SIGCONT', 'SIGINT']),
});
const RestartBody = z.strictObject({
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(8_192)).optional(),
});
const InstanceBody = z.strictObject({ service: z.string().min(1).max(64) });
const STATUS_REFUSED = 409;

interface IdParams {
  readonly Params: { readonly id: string };
}

export async function startControlServer(
  socketPath: string,
  orders: Orders,
): Promise<AsyncDisposable> {
  rmSync(socketPath, { force: true });
  const app = fastify({ forceCloseConnections: true });
  addRoutes(app, orders);
  app.setErrorHandler(async (error, _request, reply) => {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    return reply.code(STATUS_REFUSED).send({ error: message });
  });
  await app.listen({ path: socketPath });
  chmodSync(socketPath, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      await app.close();
      rmSync(socketPath, { force: true });
    },
  };
}

function addRoutes(app: FastifyInstance, orders: Orders): void {
  app.get<{ Querystring: { health?: string } }>('/status', (request) =>
    orders.status(request.query.health === '1'),
  );
  app.get('/address-book', async () => orders.addressBook());
  app.get('/events', async (request, reply) => {
    const gone = new AbortController();
    request.raw.once('close', () => gone.abort());
    return reply.type('application/x-ndjson').send(Readable.from(lines(orders, gone.signal)));
  });
  app.post<IdParams>('/processes/:id/signal', async (request) => {
    await orders.signal(request.params.id, SignalBody.parse(request.body).signal);
    return {};
  });
  app.post<IdParams>('/processes/:id/stop', (request) => orders.stop(request.params.id));
  app.post<IdParams>('/processes/:id/restart', async (request) => ({
    address: await orders.restart(request.params.id, RestartBody.parse(request.body ?? {}).env),
  }));
  app.post('/instances', async (request) => ({
    address: await orders.startInstance(InstanceBody.parse(request.body).service),
  }));
  app.post('/down', async () => {
    await orders.down();
    return {};
  });
}

async function* lines(orders: Orders, signal: AbortSignal): AsyncIterable<string> {
  for await (const event of orders.events(signal)) yield `${JSON.stringify(event)}\n`;
}
