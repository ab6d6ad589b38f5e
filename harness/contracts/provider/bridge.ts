import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Message } from '../../pacts/interaction.ts';
import type { Names } from '../fiction.ts';

type Json = Readonly<Record<string, unknown>>;

/** One interaction's side of the system: real names in, real names out. */
export interface Exchange {
  /** Names of the interaction under way. */
  readonly names: Names;
  prepare(state: string, params: Json): Promise<void>;
  /** A synchronous message. */
  answer(request: Json): Promise<unknown>;
  /** An asynchronous message, as it crossed the wire. */
  capture(): Promise<Message>;
  /** Where HTTP requests go: `http://host:port`. */
  httpBase(): string;
  end(): Promise<void>;
}

/** The server that Pact's verifier calls instead of one provider, for one interaction. */
export interface Bridge extends AsyncDisposable {
  readonly port: number;
  /** Failures of the harness, in the order in which they happened. */
  readonly errors: readonly Error[];
}

export const STATES_PATH = '/_sagaproof/states';
export const MESSAGES_PATH = '/_sagaproof/messages';

const StateChange = z.object({
  action: z.enum(['setup', 'teardown']).default('setup'),
  state: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});

const MessageRequest = z.object({
  request: z.object({ contents: z.unknown() }).optional(),
});

/**
 * Starts the bridge between Pact's verifier, which uses fictional names, and the running system,
 * which has real ones. A failure of the bridge is answered with HTTP 500 and recorded, since the
 * verifier shows the status only.
 */
export async function startBridge(exchange: Exchange): Promise<Bridge> {
  const server = Fastify({ logger: false, forceCloseConnections: true });
  const errors: Error[] = [];
  // The verifier retries a failed state change for two minutes, so the next request reports it.
  const prepared: Exchange['prepare'] = async (state, params) => {
    await exchange.prepare(state, params).catch((error: Error) => errors.push(error));
  };
  server.addHook('preHandler', async (request) => {
    const [first] = errors;
    if (first !== undefined && request.url !== STATES_PATH) throw new AlreadyFailed(first.message);
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  server.setErrorHandler((error: Error, _, reply) => {
    if (!(error instanceof AlreadyFailed)) errors.push(error);
    return reply.code(500).send({ error: error.message });
  });
  addStates(server, prepared);
  addMessages(server, exchange);
  addForwarding(server, exchange);
  await server.listen({ host: '127.0.0.1', port: 0 });
  const [address] = server.addresses();
  return {
    port: typeof address === 'object' ? address.port : 0,
    errors,
    async [Symbol.asyncDispose]() {
      await server.close();
      await exchange.end();
    },
  };
}

/** A provider state cannot be set up here, so the result says nothing about the provider. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

/** An earlier step failed, and its error is recorded already. */
class AlreadyFailed extends Error {}

const jsonOf = (body: unknown): unknown =>
  Buffer.isBuffer(body) && body.length > 0 ? JSON.parse(body.toString('utf8')) : {};

function addStates(server: FastifyInstance, prepare: Exchange['prepare']): void {
  server.post(STATES_PATH, async (request) => {
    const { action, state, params } = StateChange.parse(jsonOf(request.body));
    if (action === 'setup' && state !== undefined && state !== '') {
      await prepare(state, params ?? {});
    }
    return {};
  });
}

function addMessages(server: FastifyInstance, exchange: Exchange): void {
  server.post(MESSAGES_PATH, async (request, reply) => {
    const asked = MessageRequest.parse(jsonOf(request.body)).request;
    const { names } = exchange;
    if (asked !== undefined) {
      const contents = contentOf(asked.contents);
      return names.toFiction(await exchange.answer(names.toReal(contents)));
    }
    const { contents, metadata } = await exchange.capture();
    if (metadata !== undefined) {
      const text = JSON.stringify(names.toFiction(metadata));
      reply.header('pact-message-metadata', Buffer.from(text).toString('base64'));
    }
    return names.toFiction(contents);
  });
}

/** The verifier sends contents as they are, or with how they are encoded. */
function contentOf(contents: unknown): Json {
  const wrapped = z.object({ content: z.unknown() }).safeParse(contents);
  const inner = wrapped.success ? wrapped.data.content : contents;
  return (typeof inner === 'string' ? JSON.parse(inner) : inner) as Json;
}

/** Headers of one hop, and those that the body's new length makes wrong. */
const NOT_FORWARDED = ['connection', 'content-length', 'host', 'transfer-encoding', 'keep-alive'];

function addForwarding(server: FastifyInstance, exchange: Exchange): void {
  server.all('/*', async (request, reply) => {
    const { names } = exchange;
    const headers = Object.entries(request.headers)
      .filter(([name]) => !NOT_FORWARDED.includes(name))
      .map(([name, value]) => [name, String(value)] as [string, string]);
    const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : undefined;
    const answer = await fetch(`${exchange.httpBase()}${names.toReal(request.url)}`, {
      method: request.method,
      headers: names.toReal(headers),
      redirect: 'manual',
      ...(body === undefined || body === '' ? {} : { body: names.toReal(body) }),
    });
    const text = await answer.text();
    reply.code(answer.status);
    for (const [name, value] of answer.headers) {
      if (!NOT_FORWARDED.includes(name)) reply.header(name, names.toFiction(value));
    }
    return reply.send(Buffer.from(names.toFiction(text)));
  });
}
