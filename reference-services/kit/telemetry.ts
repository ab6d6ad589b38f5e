import {
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { parseTraceParent, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { errorCodeOf } from './errors.ts';

/** Half of what the harness waits for the last spans of a run. */
const FLUSH_INTERVAL_MS = 500;
const EXPORT_TIMEOUT_MS = 2_000;
const SPAN_QUEUE_MAX = 8_192;
const SPAN_BATCH_MAX = 512;

const TRACER = 'sagaproof';

/**
 * Turns tracing on. Context is propagated even when spans are not recorded, so that a service
 * without an exporter does not break the trace of those behind it.
 *
 * @param url where spans go (OTLP over HTTP); undefined records none
 */
export function startTelemetry(options: {
  readonly service: string;
  readonly instance: string;
  readonly url: string | undefined;
}): AsyncDisposable {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.service,
      'service.instance.id': options.instance,
    }),
    spanProcessors: options.url === undefined ? [] : [batches(options.url)],
  });
  trace.setGlobalTracerProvider(provider);
  return { [Symbol.asyncDispose]: () => provider.shutdown() };
}

function batches(url: string): BatchSpanProcessor {
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }),
    scheduledDelayMillis: FLUSH_INTERVAL_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
    maxQueueSize: SPAN_QUEUE_MAX,
    maxExportBatchSize: SPAN_BATCH_MAX,
  });
}

/**
 * Runs `work` in a span, which ends with it and carries its failure. Name and kind follow the
 * semantic conventions: `publish job.updates` is a producer,
 * `sagaproof.order.v1.OrderService/GetOrder` a client.
 */
export async function withSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return trace.getTracer(TRACER).startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      markFailed(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** A span that is handed on by its own `traceparent` and ended by hand. */
export interface OpenSpan {
  readonly traceparent: string;
  end(error?: unknown): void;
}

/** Opens a span that continues `traceparent`, or what is under way here when that is undefined. */
export function openSpan(
  name: string,
  options: SpanOptions,
  traceparent: string | undefined,
): OpenSpan {
  const span = withTraceparent(traceparent, () => trace.getTracer(TRACER).startSpan(name, options));
  return {
    traceparent: traceparentOf(span.spanContext()),
    end(error) {
      if (error !== undefined) markFailed(span, error);
      span.end();
    },
  };
}

/** Marks a span as failed: with the registry's code where there is one, which holds no secret. */
export function markFailed(span: Span, error: unknown): void {
  const kind = errorCodeOf(error) ?? (error instanceof Error ? error.name : 'unknown');
  span.setAttribute('error.type', kind);
  span.setStatus({ code: SpanStatusCode.ERROR, message: kind });
}

/** The W3C `traceparent` of what is under way here, to be handed on; undefined when nothing is. */
export function currentTraceparent(): string | undefined {
  const active = trace.getSpanContext(context.active());
  return active === undefined || !isSpanContextValid(active) ? undefined : traceparentOf(active);
}

/** W3C Trace Context: version, trace id, parent id, flags. */
const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

/** Runs `work` as a part of the trace that a message or request brought along. */
export function withTraceparent<T>(traceparent: string | undefined, work: () => T): T {
  if (traceparent === undefined || traceparent === '') return work();
  const parent = parseTraceParent(traceparent);
  if (parent === null) return context.with(ROOT_CONTEXT, work);
  const isRemote = { ...parent, isRemote: true };
  return context.with(trace.setSpanContext(ROOT_CONTEXT, isRemote), work);
}

/** Runs `work` in no trace: what it begins may last longer than the trace that is under way. */
export function outsideTraces<T>(work: () => T): T {
  return context.with(ROOT_CONTEXT, work);
}

/** Ids of the active span for a log line. */
export function traceIds(): { trace_id?: string; span_id?: string } {
  const active = trace.getSpan(context.active())?.spanContext();
  return active === undefined ? {} : { trace_id: active.traceId, span_id: active.spanId };
}
