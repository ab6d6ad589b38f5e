import { z } from 'zod';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { common, hostPortVar, portVar } from '#kit/config.ts';
import { runService } from '#kit/service.ts';
import { createGrpcPorts } from './adapters/grpc.ts';
import { readOpenapi } from './adapters/openapi.ts';
import { createGateway } from './app.ts';
import { createServer } from './server.ts';

const limitVar = (defaultMax: number) =>
  z.coerce.number().int().min(1).max(10_000_000).default(defaultMax);

const Config = common.extend({
  HTTP_PORT: portVar,
  AUTH_ADDR: hostPortVar,
  JOB_MANAGEMENT_ADDR: hostPortVar,
  ORDER_ADDR: hostPortVar,
  INVENTORY_ADDR: hostPortVar,
  PAYMENT_ADDR: hostPortVar,
  SHIPPING_ADDR: hostPortVar,
  QUERY_ADDR: hostPortVar,
  /** Requests of one user. */
  RATE_LIMIT_PER_MINUTE: limitVar(LIMITS['api-gateway'].requestsPerMinute),
  /** Requests from one address, which many users may share. */
  RATE_LIMIT_PER_ADDRESS_PER_MINUTE: limitVar(LIMITS['api-gateway'].requestsPerAddressPerMinute),
  COMMANDS_AT_ONCE: limitVar(32),
});

await runService(Config, async (config, context) => {
  const outside = createGrpcPorts(context, {
    auth: config.AUTH_ADDR,
    jobs: config.JOB_MANAGEMENT_ADDR,
    order: config.ORDER_ADDR,
    inventory: config.INVENTORY_ADDR,
    payment: config.PAYMENT_ADDR,
    shipping: config.SHIPPING_ADDR,
    query: config.QUERY_ADDR,
  });
  const gateway = createGateway({
    ...outside,
    ids: context.ids,
    onWithdrawalFailed: (jobId, error) =>
      context.log.warn({ err: error, jobId }, 'a job was left to its short expiry'),
  });
  const server = await createServer({
    context,
    gateway,
    document: await readOpenapi(),
    limits: {
      perUser: config.RATE_LIMIT_PER_MINUTE,
      perAddress: config.RATE_LIMIT_PER_ADDRESS_PER_MINUTE,
      commandsAtOnce: config.COMMANDS_AT_ONCE,
    },
  });
  context.onDrain(() => server.close());
  const address = await server.listen({ host: context.listenHost, port: config.HTTP_PORT });
  context.log.info({ http: address }, 'serving HTTP');
});
