import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { decodeJson, decodeProtobuf } from './decode.ts';
import { ExportTraceServiceRequestSchema } from './gen/trace_pb.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = '00f067aa0ba902b7';
const START = 1_795_339_944_123_456_789n;

const EXPECTED = {
  traceId: TRACE,
  spanId: SPAN,
  parentSpanId: PARENT,
  name: 'POST /v1/orders',
  kind: 'server',
  service: 'api-gateway',
  instance: 'api-gateway-1',
  startMs: 1_795_339_944_123.456,
  endMs: 1_795_339_944_125.456,
  error: true,
  attributes: { 'http.response.status_code': 503, 'http.route': '/v1/orders', retried: false },
};

const JSON_REQUEST = {
  resourceSpans: [
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'api-gateway' } },
          { key: 'service.instance.id', value: { stringValue: 'api-gateway-1' } },
        ],
      },
      scopeSpans: [
        {
          spans: [
            {
              traceId: TRACE,
              spanId: SPAN,
              parentSpanId: PARENT,
              name: 'POST /v1/orders',
              kind: 2,
              startTimeUnixNano: String(START),
              endTimeUnixNano: String(START + 2_000_000n),
              attributes: [
                { key: 'http.response.status_code', value: { intValue: '503' } },
                { key: 'http.route', value: { stringValue: '/v1/orders' } },
                { key: 'retried', value: { boolValue: false } },
              ],
              status: { code: 2 },
            },
          ],
        },
      ],
    },
  ],
};

const string = (key: string, value: string) => ({
  key,
  value: { value: { case: 'stringValue' as const, value } },
});
const bytes = (text: string) => Buffer.from(text, 'hex');

describe('OTLP traces', () => {
  it('are read from JSON', () => {
    expect(decodeJson(Buffer.from(JSON.stringify(JSON_REQUEST)))).toEqual([EXPECTED]);
  });

  it('are the same from protobuf', () => {
    const message = create(ExportTraceServiceRequestSchema, {
      resourceSpans: [
        {
          resource: {
            attributes: [
              string('service.name', 'api-gateway'),
              string('service.instance.id', 'api-gateway-1'),
            ],
          },
          scopeSpans: [
            {
              spans: [
                {
                  traceId: bytes(TRACE),
                  spanId: bytes(SPAN),
                  parentSpanId: bytes(PARENT),
                  name: 'POST /v1/orders',
                  kind: 2,
                  startTimeUnixNano: START,
                  endTimeUnixNano: START + 2_000_000n,
                  attributes: [
                    {
                      key: 'http.response.status_code',
                      value: { value: { case: 'intValue', value: 503n } },
                    },
                    string('http.route', '/v1/orders'),
                    { key: 'retried', value: { value: { case: 'boolValue', value: false } } },
                  ],
                  status: { code: 2 },
                },
              ],
            },
          ],
        },
      ],
    });
    const encoded = Buffer.from(toBinary(ExportTraceServiceRequestSchema, message));
    expect(decodeProtobuf(encoded)).toEqual([EXPECTED]);
  });

  it('are refused when they are neither', () => {
    expect(() => decodeJson(Buffer.from('{"resourceSpans": 3}'))).toThrow();
    expect(() => decodeJson(Buffer.from('{'))).toThrow();
    expect(() => decodeProtobuf(Buffer.from([0x0a, 0xff]))).toThrow();
  });
});
