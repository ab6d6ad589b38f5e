import { fastify } from 'fastify';
import type { ServiceContext } from './service.ts';

/** What the admin server needs of a context. */
type AdminContext = Pick<ServiceContext, 'health' | 'listenHost' | 'metrics' | 'resources'>;

const BODY_BYTES_MAX = 1_024;
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * Serves `/livez`, `/readyz` and `/metrics`, from before the service is built until after it
 * drained.
 *
 * @returns its address
 */
export async function startAdmin(context: AdminContext, port: number): Promise<string> {
  const admin = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  });
  admin.get('/livez', async () => ({ status: 'ok' }));
  admin.get('/readyz', async (_request, reply) => {
    const readiness = await context.health.readiness();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  admin.get('/metrics', async (_request, reply) =>
    reply.type(context.metrics.contentType).send(await context.metrics.metrics()),
  );
  context.resources.defer(() => admin.close());
  return admin.listen({ host: context.listenHost, port });
}
