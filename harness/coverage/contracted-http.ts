import { fieldPaths } from '../pacts/field-paths.ts';
import type { PactInteraction } from '../pacts/pact-file.ts';
import { ACCEPTED_MAX, httpOperation, queryNames } from '../pacts/protocols.ts';
import type { Edge, Ledger } from './item.ts';
import { answerFields } from './open-answers.ts';

type Json = Readonly<Record<string, unknown>>;

interface PactHttp {
  readonly method: string;
  readonly path: string;
  readonly query?: Json;
  readonly headers?: Json;
  readonly body?: unknown;
}

/** The items in an interaction over HTTP. */
export function addHttp(
  ends: Pick<Edge, 'consumer' | 'provider'>,
  interaction: PactInteraction,
  to: Ledger,
): void {
  const edge = { ...ends, protocol: 'http' };
  const asked = interaction['request'] as PactHttp;
  const answer = interaction['response'] as { status: number; headers?: Json; body?: unknown };
  const body = jsonBody(answer.body);
  const code = (body as Json | undefined)?.['code'];
  if (answer.status > ACCEPTED_MAX && typeof code === 'string') to.error(edge, code);
  const known = httpOperation(asked.method, asked.path);
  if (known === undefined && answer.status > ACCEPTED_MAX) {
    to.edge(edge);
    return;
  }
  const operation = known ?? `${asked.method} ${asked.path}`;
  to.operation(edge, operation);
  const isAccepted = answer.status <= ACCEPTED_MAX;
  const part = isAccepted ? 'answer' : 'problem';
  to.fields(edge, operation, isAccepted ? answerFields(operation, body) : fieldPaths(body, part));
  for (const name of Object.keys(answer.headers ?? {})) {
    if (!isOfBody(name)) to.field(edge, operation, `${part}.header.${name.toLowerCase()}`);
  }
  if (!isAccepted) return;
  to.fields(edge, operation, fieldPaths(jsonBody(asked.body), 'request'));
  for (const name of [...Object.keys(asked.query ?? {}), ...queryNames(asked.path)]) {
    to.field(edge, operation, `request.query.${name}`);
  }
  for (const name of Object.keys(asked.headers ?? {})) {
    if (!isOfBody(name)) to.field(edge, operation, `request.header.${name.toLowerCase()}`);
  }
}

/** It says how the body is written, and follows from there being one. */
const isOfBody = (header: string): boolean => header.toLowerCase() === 'content-type';

/** A pact has a JSON body as a value, or as its text. */
function jsonBody(body: unknown): unknown {
  const { content } = (body ?? {}) as { readonly content?: unknown };
  if (typeof content !== 'string') return content ?? {};
  try {
    return JSON.parse(content);
  } catch {
    return {};
  }
}
