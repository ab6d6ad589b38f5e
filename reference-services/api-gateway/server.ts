import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, METHODS } from 'node:http';
import rateLimit from '@fastify/rate-limit';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import openapiGlue from 'fastify-openapi-glue';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { type Admit, admission } from '#kit/admission.ts';
import { withDeadline } from '#kit/deadline.ts';
import { OperationalError } from '#kit/errors.ts';
import type { ServiceContext } from '#kit/service.ts';
import { traceRequests } from './adapters/http-telemetry.ts';
import {
  methodsByUrl,
  type OpenapiDocument,
  requestValidators,
  responseSerializers,
} from './adapters/openapi.ts';
import type { Caller, Gateway } from './app.ts';
import type { PageRequest, PlaceOrder, Principal } from './domain.ts';
import { createConnectionGuard } from './server-connections.ts';
import { SECURITY_HEADERS, sendError } from './server-errors.ts';

/** A request of 50 lines with long addresses has less than 16 KiB. */
const BODY_BYTES_MAX = LIMITS['api-gateway'].bodyBytes;
/** An 8 KiB token and some. */
const HEADER_BYTES_MAX = LIMITS['api-gateway'].headBytes;
/** What a request may take to arrive: against clients that send one byte at a time. */
const ARRIVAL = { headTimeoutMs: 10_000, requestTimeoutMs: 30_000, checkIntervalMs: 1_000 };
const KEEP_ALIVE_TIMEOUT_MS = 30_000;
/** What a request may take in all once it is here; with a job to take back, 800 ms more. */
const ANSWER_DEADLINE_MS = LIMITS['api-gateway'].answerMs;
const COMMANDS_WAITING_MAX = 1_000;
/** Queries that are worked on at a time, and that wait; more are refused at once. */
const QUERIES = { atOnce: 100, waitingMax: 500, msMin: 200 };
/** A command with less time left is not begun: it would only end with its outcome unknown. */
const COMMAND_MS_MIN = 500;
const RATE_WINDOW_MS = 60_000;
const TOKEN_LENGTH_MAX = LIMITS['api-gateway'].tokenChars;

export interface ServerOptions {
  readonly context: ServiceContext;
  readonly gateway: Gateway;
  readonly document: OpenapiDocument;
  readonly limits: {
    /** Requests per minute of one user. */
    readonly perUser: number;
    /** Requests per minute from one address, before it is known who asks. */
    readonly perAddress: number;
    /** Commands that are worked on at a time: more would only slow each other down. */
    readonly commandsAtOnce: number;
    readonly arrival?: typeof ARRIVAL;
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
  }
}

/** The HTTP side of the gateway; not yet listening. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { context, document } = options;
  const arrival = options.limits.arrival ?? ARRIVAL;
  const connections = createConnectionGuard();
  const app: FastifyInstance = fastify({
    loggerInstance: context.log as FastifyBaseLogger,
    // One line per request is written at its end, with the trace id.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: arrival.requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // Requests under way when the drain starts are served; Fastify's 503 is no problem detail.
    return503OnClosing: false,
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: arrival.headTimeoutMs,
      connectionsCheckingInterval: arrival.checkIntervalMs,
      // Node would answer a request without one itself, without a problem detail.
      requireHostHeader: false,
    },
    clientErrorHandler: connections.refuse,
    frameworkErrors: sendError,
  });
  app.setValidatorCompiler(requestValidators());
  app.setSerializerCompiler(responseSerializers());
  app.setErrorHandler(sendError);
  app.decorateRequest('principal', null);
  connections.watch(app);
  traceRequests(app, context);
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(SECURITY_HEADERS);
    done();
  });
  closeConnectionsOfDrain(app);
  refuseAbsentHosts(app);
  ignoreUnknownExpectations(app);
  // A client that goes away does not cut a command short: its job has to be settled either way.
  app.addHook('preValidation', (_request, _reply, done) => {
    withDeadline(ANSWER_DEADLINE_MS, undefined, done);
  });
  await limitAddresses(app, options.limits.perAddress);
  acceptEmptyJson(app);
  validateAbsentBodies(app);
  refuseOtherMethods(app, document);
  await app.register(openapiGlue, {
    specification: structuredClone(document),
    serviceHandlers: handlersOf(options, {
      command: admission({
        atOnce: options.limits.commandsAtOnce,
        waitingMax: COMMANDS_WAITING_MAX,
        msMin: COMMAND_MS_MIN,
      }),
      query: admission(QUERIES),
    }),
    securityHandlers: { accessToken: authentication(app, options) },
  });
  return app;
}

/**
 * A connection that stays open after its last answer would hold the drain up until it times out.
 */
function closeConnectionsOfDrain(app: FastifyInstance): void {
  let draining = false;
  app.addHook('preClose', (done) => {
    draining = true;
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (draining) reply.header('connection', 'close');
    done();
  });
}

async function limitAddresses(app: FastifyInstance, max: number): Promise<void> {
  await app.register(rateLimit, {
    max,
    timeWindow: RATE_WINDOW_MS,
    errorResponseBuilder: (_request, { ttl }) =>
      new OperationalError('rate-limited', { details: { retryAfterSeconds: secondsOf(ttl) } }),
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, () => {
    throw new OperationalError('route-not-found');
  });
}

/** Clients send `content-type: application/json` with no body at all, where none is needed. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body as string, done);
  });
}

/** Fastify validates a body by its type, and would let one pass that has neither. */
function validateAbsentBodies(app: FastifyInstance): void {
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.body === undefined) request.headers['content-type'] ??= 'application/json';
    done();
  });
}

/** RFC 9112, section 3.2: HTTP/1.1 needs a host. */
function refuseAbsentHosts(app: FastifyInstance): void {
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const isAbsent = raw.httpVersion === '1.1' && raw.headers.host === undefined;
    done(
      isAbsent ? new OperationalError('invalid-request', { detail: 'no Host header' }) : undefined,
    );
  });
}

/** RFC 9110, section 10.1.1 allows that; Node would answer 417 without a problem detail. */
function ignoreUnknownExpectations(app: FastifyInstance): void {
  app.server.on('checkExpectation', (request, response) => {
    app.server.emit('request', request, response);
  });
}

/** A path that exists answers every other method with 405 and the methods that it has. */
function refuseOtherMethods(app: FastifyInstance, document: OpenapiDocument): void {
  for (const method of METHODS) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true });
  }
  for (const [url, methods] of methodsByUrl(document)) {
    app.route({
      url,
      method: app.supportedMethods.filter((method) => !methods.includes(method)),
      exposeHeadRoute: false,
      onRequest: (_request, reply, done) => {
        reply.header('allow', methods.join(', '));
        done(new OperationalError('method-not-allowed'));
      },
      handler: () => undefined,
    });
  }
}

/** Finds out who asks, and whether they ask too often. */
function authentication(app: FastifyInstance, { gateway, limits }: ServerOptions) {
  const limitUser = app.createRateLimit({
    max: limits.perUser,
    timeWindow: RATE_WINDOW_MS,
    keyGenerator: (request) => `user:${request.principal?.userId}`,
  });
  return async (request: FastifyRequest): Promise<void> => {
    request.principal = await gateway.authenticate(bearerToken(request.headers));
    const verdict = await limitUser(request);
    if (!verdict.isAllowed && verdict.isExceeded) {
      const details = { retryAfterSeconds: secondsOf(verdict.ttl) };
      throw new OperationalError('rate-limited', { details });
    }
  };
}

function bearerToken({ authorization = '' }: IncomingHttpHeaders): string {
  const [, token] = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(authorization) ?? [];
  if (token === undefined || token.length > TOKEN_LENGTH_MAX) {
    throw new OperationalError('unauthenticated');
  }
  return token;
}

type Params<Name extends string> = { readonly [name in Name]: string };

/** One handler per `operationId` of the document; what they get was validated with it. */
function handlersOf(
  { gateway, document }: ServerOptions,
  admit: { readonly command: Admit; readonly query: Admit },
) {
  return {
    placeOrder: async (request: FastifyRequest, reply: FastifyReply) => {
      const order = request.body as PlaceOrder;
      const accepted = await admit.command(() => gateway.placeOrder(callerOf(request), order));
      return reply.code(202).header('location', `/v1/jobs/${accepted.jobId}`).send(accepted);
    },
    cancelOrder: async (request: FastifyRequest, reply: FastifyReply) => {
      const { orderId } = request.params as Params<'orderId'>;
      const accepted = await admit.command(() => gateway.cancelOrder(callerOf(request), orderId));
      return reply.code(202).header('location', `/v1/jobs/${accepted.jobId}`).send(accepted);
    },
    getOrder: (request: FastifyRequest) => {
      const { orderId } = request.params as Params<'orderId'>;
      return admit.query(() => gateway.getOrder(principalOf(request), orderId));
    },
    getJob: (request: FastifyRequest) => {
      const { jobId } = request.params as Params<'jobId'>;
      return admit.query(() => gateway.getJob(principalOf(request), jobId));
    },
    listJobs: async (request: FastifyRequest) => {
      const { items, nextPageToken } = await admit.query(() =>
        gateway.listJobs(principalOf(request), page(request)),
      );
      return { jobs: items, nextPageToken };
    },
    listMyOrders: async (request: FastifyRequest) => {
      const found = await admit.query(() =>
        gateway.listOrders(principalOf(request), page(request)),
      );
      return { orders: found.items, nextPageToken: found.nextPageToken };
    },
    getStock: (request: FastifyRequest) => {
      const { sku } = request.params as Params<'sku'>;
      return admit.query(() => gateway.getStock(sku));
    },
    getOpenapi: async () => document,
  };
}

function principalOf(request: FastifyRequest): Principal {
  assert(request.principal !== null, 'an operation with security runs behind authentication');
  return request.principal;
}

function callerOf(request: FastifyRequest): Caller {
  const key = request.headers['idempotency-key'];
  return {
    principal: principalOf(request),
    idempotencyKey: typeof key === 'string' ? key : undefined,
  };
}

function page(request: FastifyRequest): PageRequest {
  const { pageSize, pageToken = '' } = request.query as { pageSize: number; pageToken?: string };
  return { pageSize, pageToken };
}

const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));
