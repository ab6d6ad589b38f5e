import { randomBytes } from 'node:crypto';
import {
  context as activeContext,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Histogram } from 'prom-client';
import type { ServiceContext } from '#kit/service.ts';

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const UNMATCHED_ROUTE = 'unmatched';

interface Traced {
  readonly span: Span;
  readonly traceId: string;
  readonly traceparent: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The trace that the request belongs to, from its first hook on. */
    traced: Traced;
  }
}

/**
 * Gives every request a server span in the trace that it brought, or in a fresh one; tells the
 * client which; and measures and logs how the request ended.
 */
export function traceRequests(
  app: FastifyInstance,
  context: Pick<ServiceContext, 'log' | 'metrics'>,
): void {
  const duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'How long requests took.',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
    buckets: BUCKETS_SECONDS,
    registers: [context.metrics],
  });
  app.decorateRequest('traced');
  app.addHook('onRequest', (request, reply, done) => {
    request.traced = startTrace(request);
    reply.header('traceparent', request.traced.traceparent);
    reply.header('x-trace-id', request.traced.traceId);
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) clientWentAway(request, context);
    });
    done();
  });
  // Only here, since a body's events do not carry the context of the request that they belong to.
  app.addHook('preValidation', (request, _reply, done) => {
    activeContext.with(trace.setSpan(ROOT_CONTEXT, request.traced.span), done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = routeOf(request);
    const { statusCode, elapsedTime } = reply;
    request.traced.span.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) request.traced.span.setStatus({ code: SpanStatusCode.ERROR });
    request.traced.span.end();
    duration.observe(
      {
        http_request_method: request.method,
        http_route: route,
        http_response_status_code: statusCode,
      },
      elapsedTime / 1_000,
    );
    context.log.info(
      {
        trace_id: request.traced.traceId,
        method: request.method,
        route,
        status: statusCode,
        durationMs: Math.round(elapsedTime),
      },
      'request served',
    );
    done();
  });
}

/**
 * It gets no response, so Fastify calls no `onResponse`; nor `onRequestAbort` once a request's body
 * has been read.
 */
function clientWentAway(request: FastifyRequest, { log }: Pick<ServiceContext, 'log'>): void {
  const { span, traceId } = request.traced;
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'the client went away' });
  span.end();
  log.info(
    { trace_id: traceId, method: request.method, route: routeOf(request) },
    'client went away',
  );
}

const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? UNMATCHED_ROUTE;

function startTrace(request: FastifyRequest): Traced {
  const { traceparent } = request.headers;
  const parent = propagation.extract(ROOT_CONTEXT, { traceparent });
  const route = routeOf(request);
  const attributes = { 'http.request.method': request.method, 'http.route': route };
  const span = trace
    .getTracer('sagaproof')
    .startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
  const carrier: { traceparent?: string } = {};
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
  const own = span.spanContext();
  return {
    span,
    traceId: own.traceId,
    traceparent: carrier.traceparent ?? `00-${own.traceId}-${own.spanId}-00`,
  };
}

/** A trace for a request that never became one (its head could not be read). */
export function freshTrace(): Pick<Traced, 'traceId' | 'traceparent'> {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-00` };
}
