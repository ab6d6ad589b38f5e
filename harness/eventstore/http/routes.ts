/** The HTTP requests that clients and operators make of an event store, on the gRPC port. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Access, Session } from '../access/access.ts';
import { AccessError } from '../access/errors.ts';
import type { ProposedEvent } from '../store.ts';
import { isUuid } from '../uuid.ts';
import { parseBasic } from '../wire/caller.ts';
import { type Endpoint, EVENTSTORE_VERSION, type Node } from '../wire/features.ts';

export interface RouteOptions {
  readonly access: Access;
  readonly node: Node;
  readonly advertised: () => Endpoint;
  readonly appendBytesMax: number;
}

const EVENTS_TYPE = 'application/vnd.eventstore.events+json';
const STREAM = /^\/streams\/([^/]+)(?:\/incoming\/[^/]+)?\/?$/;

/** An answer other than success. */
class HttpError extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.name = 'HttpError';
    this.statusCode = statusCode;
  }
}

export function createRoutes(options: RouteOptions): RequestListener {
  return (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, statusOf(error), { error: messageOf(error) });
    });
  };
}

async function answer(
  options: RouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'POST') return post(options, request, response, pathname);
  if (request.method !== 'GET') throw new HttpError(405, 'Method Not Allowed');
  switch (pathname) {
    case '/ping':
      return send(response, 200, { msgTypeId: 2, text: 'Ping request successfully handled' });
    case '/info':
      return send(response, 200, toInfo(options.node));
    case '/gossip':
      return send(response, 200, toGossip(options));
    case '/health/live':
    case '/health/ready':
      response.writeHead(Number(searchParams.get('liveCode') ?? 204)).end();
      return;
    default:
      throw new HttpError(404, 'Not Found');
  }
}

function toInfo({ hasUsers }: Node) {
  return {
    dbVersion: EVENTSTORE_VERSION,
    esVersion: EVENTSTORE_VERSION,
    state: 'leader',
    features: { projections: false, userManagement: hasUsers, atomPub: false },
    authentication: { type: hasUsers ? 'internal' : 'insecure', properties: {} },
  };
}

function toGossip({ node, advertised }: RouteOptions) {
  const { host, port } = advertised();
  const member = {
    instanceId: node.instanceId,
    timeStamp: new Date().toISOString(),
    state: 'Leader',
    isAlive: true,
    httpEndPointIp: host,
    httpEndPointPort: port,
    nodePriority: 0,
    isReadOnlyReplica: false,
    esVersion: EVENTSTORE_VERSION,
  };
  return { members: [member], serverIp: host, serverPort: port };
}

/** An append as AtomPub has it: one event in the body, or a list of them. */
async function post(
  options: RouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
): Promise<void> {
  const stream = STREAM.exec(pathname)?.[1];
  if (stream === undefined) throw new HttpError(404, 'Not Found');
  const session = await open(options.access, request);
  const body = await readBody(request, options.appendBytesMax);
  const events = toEvents(request, body);
  const name = decodeURIComponent(stream);
  const result = await session.store.append({ stream: name, expected: 'any', events });
  if (result.kind === 'stream-deleted') throw new HttpError(410, 'Stream deleted');
  if (result.kind !== 'appended') throw new HttpError(400, 'Wrong expected EventNumber');
  response.writeHead(201, { location: `/streams/${stream}/${result.current}` }).end();
}

function open(access: Access, { headers }: IncomingMessage): Promise<Session> {
  const { authorization } = headers;
  const basic = authorization === undefined ? undefined : parseBasic(authorization);
  return access.open({ basic, certificateName: undefined });
}

async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new HttpError(413, `Maximum Append Size of ${bytesMax} Exceeded.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toEvents({ headers }: IncomingMessage, body: Buffer): ProposedEvent[] {
  const contentType = headers['content-type']?.split(';')[0] ?? '';
  if (contentType === EVENTS_TYPE) return fromList(body);
  const [type, id] = [headers['es-eventtype'], headers['es-eventid'] ?? randomUUID()];
  if (typeof type !== 'string') throw new HttpError(400, 'The header ES-EventType is missing.');
  if (typeof id !== 'string' || !isUuid(id)) throw new HttpError(400, 'ES-EventId is not a UUID.');
  const isJson = contentType === 'application/json';
  return [{ id: id.toLowerCase(), type, isJson, data: body, metadata: new Uint8Array() }];
}

function fromList(body: Buffer): ProposedEvent[] {
  const toBytes = (value: unknown) =>
    new TextEncoder().encode(value === undefined ? '' : JSON.stringify(value));
  return parseList(body).map(({ eventId, eventType, data, metadata }) => {
    if (typeof eventId !== 'string' || !isUuid(eventId) || typeof eventType !== 'string') {
      throw new HttpError(400, 'An event needs an eventId, which is a UUID, and an eventType.');
    }
    const event = { id: eventId.toLowerCase(), type: eventType, isJson: true };
    return { ...event, data: toBytes(data), metadata: toBytes(metadata) };
  });
}

function parseList(body: Buffer): Record<string, unknown>[] {
  try {
    const json: unknown = JSON.parse(body.toString());
    if (Array.isArray(json)) return json as Record<string, unknown>[];
  } catch {
    // Answered below, like a body that is JSON but no list.
  }
  throw new HttpError(400, 'The body is not a JSON list of events.');
}

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.statusCode;
  if (error instanceof AccessError) return 401;
  return error instanceof URIError ? 400 : 500;
}

function messageOf(error: unknown): string {
  const isKnown = error instanceof HttpError || error instanceof AccessError;
  return isKnown ? error.message : 'Internal Server Error';
}

function send(response: ServerResponse, statusCode: number, body: unknown): void {
  response.writeHead(statusCode, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
