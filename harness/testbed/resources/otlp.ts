/** An OTLP/HTTP trace receiver that keeps spans for the history: JSON and protobuf. */
import { gunzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import type { AddressBook } from '../../kernel/address-book.ts';
import { type Endpoint, hostPort } from '../endpoints.ts';
import { getJson, hostedResource } from '../hosted.ts';
import { decodeJson, decodeProtobuf, type ReceivedSpan } from '../otlp/decode.ts';
import type { Resource } from '../resource.ts';

const BODY_BYTES_MAX = 8 * 1024 * 1024;
/** About 300 bytes each; older ones are gone once they were read or pushed out. */
const SPANS_MAX = 400_000;
const PAGE_SPANS_MAX = 20_000;

type OtlpEntry = AddressBook['otlp'];

export function otlpEntry(endpoint: Endpoint): OtlpEntry {
  const base = `http://${hostPort(endpoint)}`;
  return { tracesUrl: `${base}/v1/traces`, spansUrl: `${base}/harness/spans` };
}

export function otlpResource(endpoint: Endpoint, entry: OtlpEntry): Resource {
  return hostedResource({
    name: 'otlp',
    endpoint,
    start: () => startReceiver(endpoint),
    answers: async (signal) => {
      await getJson(`${entry.spansUrl}?after=${Number.MAX_SAFE_INTEGER}`, signal);
    },
  });
}

async function startReceiver({ host, port }: Endpoint): Promise<AsyncDisposable> {
  const app = fastify({ bodyLimit: BODY_BYTES_MAX });
  addReceiver(app);
  await app.listen({ port, host });
  return { [Symbol.asyncDispose]: () => app.close() };
}

function addReceiver(app: FastifyInstance): void {
  /** `spans[0]` is number `dropped + 1`. */
  let spans: ReceivedSpan[] = [];
  let dropped = 0;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/v1/traces', async (request, reply) => {
    const bytes = decompress(request.body as Buffer, request.headers['content-encoding']);
    const json = (request.headers['content-type'] ?? '').startsWith('application/json');
    try {
      spans.push(...(json ? decodeJson(bytes) : decodeProtobuf(bytes)));
    } catch (error) {
      return reply.code(400).send({ code: 3, message: (error as Error).message });
    }
    if (spans.length > SPANS_MAX) {
      const excess = spans.length - SPANS_MAX;
      spans = spans.slice(excess);
      dropped += excess;
    }
    // An answer in the request's own encoding; an empty protobuf message has no bytes.
    if (json) return reply.type('application/json').send('{}');
    return reply.type('application/x-protobuf').send(Buffer.alloc(0));
  });
  app.get<{ Querystring: { after?: string; traceId?: string } }>(
    '/harness/spans',
    async (request) => {
      const { traceId } = request.query;
      if (traceId !== undefined) {
        const total = dropped + spans.length;
        return {
          spans: spans.filter((span) => span.traceId === traceId),
          next: total,
          total,
          dropped,
        };
      }
      const after = Math.max(Number(request.query.after ?? 0), dropped);
      const page = spans.slice(after - dropped, after - dropped + PAGE_SPANS_MAX);
      return { spans: page, next: after + page.length, total: dropped + spans.length, dropped };
    },
  );
}

function decompress(body: Buffer, encoding: string | undefined): Buffer {
  return encoding === 'gzip' ? gunzipSync(body, { maxOutputLength: BODY_BYTES_MAX }) : body;
}
