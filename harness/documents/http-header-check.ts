import { type Flaw, SchemaChecks } from './json-schema-check.ts';
import type { ApiHeader, ApiResponse } from './openapi.ts';

/** An answer with its headers, by lower-case name. */
export interface AnswerHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The trace that its request began; undefined when it named none. */
  readonly traceId: string | undefined;
}

/** What is not as documented about the headers of an answer; undefined when all is. */
export type HeaderFlaw = (answer: AnswerHeaders) => string | undefined;

interface CheckedHeader extends ApiHeader {
  readonly flaw: Flaw;
}

/**
 * Makes the check of a response's headers: the media type is a documented one, each required
 * header is there, each documented header matches its schema, and what a header repeats (the job,
 * the trace) is what the body and the request say.
 */
export function headerCheck(response: ApiResponse): HeaderFlaw {
  const checks = new SchemaChecks();
  const documented = response.headers.map(
    (header): CheckedHeader => ({ ...header, flaw: checks.check(header.schema) }),
  );
  return (answer) =>
    mediaTypeFlaw(answer.headers, response.mediaTypes) ??
    documentedFlaw(answer.headers, documented) ??
    repeatedFlaw(answer);
}

function mediaTypeFlaw(
  headers: Readonly<Record<string, string>>,
  mediaTypes: readonly string[],
): string | undefined {
  if (mediaTypes.length === 0) return undefined;
  const said = headers['content-type'];
  const [mediaType = ''] = (said ?? '').split(';');
  if (mediaTypes.includes(mediaType.trim().toLowerCase())) return undefined;
  return `its content-type is ${said ?? 'absent'}, not ${mediaTypes.join(' or ')}`;
}

function documentedFlaw(
  headers: Readonly<Record<string, string>>,
  documented: readonly CheckedHeader[],
): string | undefined {
  for (const { name, required, schema, flaw } of documented) {
    const text = headers[name];
    if (text === undefined) {
      if (required) return `it has no header ${name}`;
      continue;
    }
    const wrong = flaw(typedValue(text, schema));
    if (wrong !== undefined) return `its header ${name}: ${text} is not as documented: ${wrong}`;
  }
  return undefined;
}

/** A header's text as a value of its schema's type. */
function typedValue(text: string, schema: object): unknown {
  const { type } = schema as { readonly type?: string };
  return type === 'integer' && /^\d+$/.test(text) ? Number(text) : text;
}

/** Headers that repeat what is said elsewhere. */
function repeatedFlaw({ headers, body, traceId }: AnswerHeaders): string | undefined {
  const { location, traceparent, 'x-trace-id': named } = headers;
  const { jobId, traceId: problemTrace } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (location !== undefined && typeof jobId === 'string' && !location.endsWith(`/${jobId}`)) {
    return `its location ${location} is not that of its job ${jobId}`;
  }
  if (named === undefined) return undefined;
  if (traceparent !== undefined && traceparent.split('-')[1] !== named) {
    return `its x-trace-id ${named} is not the trace of its traceparent ${traceparent}`;
  }
  if (typeof problemTrace === 'string' && problemTrace !== named) {
    return `its problem has the trace ${problemTrace}, its x-trace-id is ${named}`;
  }
  if (traceId !== undefined && traceId !== named) {
    return `it was asked in trace ${traceId}, its x-trace-id is ${named}`;
  }
  return undefined;
}
