/** OTLP trace exports, in either encoding, to the flat span that the history keeps. */
import { fromBinary } from '@bufbuild/protobuf';
import { z } from 'zod';
import {
  ExportTraceServiceRequestSchema,
  type KeyValue as ProtoKeyValue,
  type AnyValue as ProtoValue,
} from './gen/trace_pb.js';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: string;
  /** Resource attribute `service.name`. */
  readonly service: string;
  /** Resource attribute `service.instance.id`, when there is one. */
  readonly instance?: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly error?: boolean;
  readonly attributes: Readonly<Record<string, Scalar>>;
}
type Scalar = string | number | boolean;
type Attributes = Record<string, Scalar>;

/** By their numbers in the protocol. */
const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUS_ERROR = 2;
const NANOS_PER_MS = 1_000_000n;
const MICROS_PER_MS = 1_000;

const JsonValue = z.looseObject({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
  doubleValue: z.number().optional(),
});
const JsonAttributes = z.array(z.looseObject({ key: z.string(), value: JsonValue })).default([]);
const Nanos = z.union([z.string(), z.number()]).transform((value) => BigInt(value));
const JsonSpan = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number().default(0),
  startTimeUnixNano: Nanos,
  endTimeUnixNano: Nanos,
  attributes: JsonAttributes,
  status: z.looseObject({ code: z.number().default(0) }).optional(),
});
const JsonRequest = z.looseObject({
  resourceSpans: z
    .array(
      z.looseObject({
        resource: z.looseObject({ attributes: JsonAttributes }).optional(),
        scopeSpans: z.array(z.looseObject({ spans: z.array(JsonSpan).default([]) })).default([]),
      }),
    )
    .default([]),
});

/** @throws when it is not an export request in OTLP's JSON encoding */
export function decodeJson(bytes: Buffer): ReceivedSpan[] {
  const { resourceSpans } = JsonRequest.parse(JSON.parse(bytes.toString('utf8')));
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const origin = originOf(jsonAttributes(resource?.attributes ?? []));
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) =>
        toSpan(origin, {
          ...span,
          parentSpanId: span.parentSpanId ?? '',
          statusCode: span.status?.code ?? 0,
          attributes: jsonAttributes(span.attributes),
        }),
      ),
    );
  });
}

/** @throws when it is not an export request in OTLP's protobuf encoding */
export function decodeProtobuf(bytes: Buffer): ReceivedSpan[] {
  const { resourceSpans } = fromBinary(ExportTraceServiceRequestSchema, bytes);
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const origin = originOf(protoAttributes(resource?.attributes ?? []));
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) =>
        toSpan(origin, {
          name: span.name,
          kind: span.kind,
          traceId: hex(span.traceId),
          spanId: hex(span.spanId),
          parentSpanId: hex(span.parentSpanId),
          startTimeUnixNano: span.startTimeUnixNano,
          endTimeUnixNano: span.endTimeUnixNano,
          statusCode: span.status?.code ?? 0,
          attributes: protoAttributes(span.attributes),
        }),
      ),
    );
  });
}

interface RawSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly statusCode: number;
  readonly attributes: Attributes;
}
type Origin = Pick<ReceivedSpan, 'service' | 'instance'>;

function originOf(attributes: Attributes): Origin {
  const instance = attributes['service.instance.id'];
  return {
    service: String(attributes['service.name'] ?? 'unknown'),
    ...(instance === undefined ? {} : { instance: String(instance) }),
  };
}

function toSpan(origin: Origin, span: RawSpan): ReceivedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === '' ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: SPAN_KINDS[span.kind] ?? 'unspecified',
    ...origin,
    startMs: toMs(span.startTimeUnixNano),
    endMs: toMs(span.endTimeUnixNano),
    ...(span.statusCode === STATUS_ERROR ? { error: true } : {}),
    attributes: span.attributes,
  };
}

/** To the microsecond, which is what a double still holds of an epoch time. */
const toMs = (nanos: bigint): number =>
  Number(nanos / (NANOS_PER_MS / BigInt(MICROS_PER_MS))) / MICROS_PER_MS;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function jsonAttributes(list: z.infer<typeof JsonAttributes>): Attributes {
  const attributes: Attributes = {};
  for (const { key, value } of list) {
    const { stringValue, boolValue, intValue, doubleValue } = value;
    attributes[key] =
      stringValue ??
      boolValue ??
      doubleValue ??
      (intValue === undefined ? JSON.stringify(value) : Number(intValue));
  }
  return attributes;
}

function protoAttributes(list: readonly ProtoKeyValue[]): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, protoScalar(value)]));
}

function protoScalar(value: ProtoValue | undefined): Scalar {
  const held = value?.value;
  switch (held?.case) {
    case 'stringValue':
    case 'boolValue':
    case 'doubleValue':
      return held.value;
    case 'intValue':
      return Number(held.value);
    default:
      return held?.case ?? '';
  }
}
