import { ERRORS } from '#contracts/spec/errors/registry.ts';
import { type HeaderFlaw, headerCheck } from './http-header-check.ts';
import { type Flaw, SchemaChecks } from './json-schema-check.ts';
import { operationFinder, operationsOf, readOpenapi, responseOf } from './openapi.ts';

/** A request of a web client and its answer. */
export interface HttpExchange {
  readonly method: string;
  readonly path: string;
  /** The body as JSON, when it was kept. */
  readonly json?: unknown;
  readonly status: number;
  readonly body: unknown;
  /** By lower-case name; undefined when they were not kept. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The trace that the request began. */
  readonly traceId?: string | undefined;
}

/** What is not as documented about an answer; undefined when all is. */
export type AnswerFlaw = (exchange: HttpExchange) => string | undefined;

const PROBLEM = '/components/schemas/Problem';
const PROBLEM_RESPONSE = '#/components/responses/Problem';
/** What a problem is about when its request was refused before it was read. */
const UNREAD = '/';
const PLAIN_PATH = /^[\w/-]{1,200}$/;
const ACCEPTED_MAX = 399;

/**
 * Checks the gateway's answers against `contracts/spec/openapi.yaml`: the body is of the schema
 * that its operation has for the status, so are the headers, a problem's code belongs to the status
 * by the error registry, and what the document forbids is not accepted. Clients may send what they
 * like: an invalid request that is refused as documented is no flaw.
 */
export function answerCheck(): AnswerFlaw {
  const document = readOpenapi();
  const checks = new SchemaChecks().add('openapi', document);
  const made = new Map<string, Flaw>();
  const at = (pointer: string): Flaw => {
    const check = made.get(pointer) ?? checks.check({ $ref: `openapi#${pointer}` });
    made.set(pointer, check);
    return check;
  };
  const problem = at(PROBLEM);
  const operations = operationsOf(document);
  const problemHeaders = headerCheck(responseOf(document, { $ref: PROBLEM_RESPONSE }));
  const checked = new Map(
    operations.map((operation) => {
      const { request, answers, responses } = operation;
      const byStatus = new Map([...answers].map(([status, pointer]) => [status, at(pointer)]));
      const headers = new Map([...responses].map(([status, one]) => [status, headerCheck(one)]));
      const body = request === undefined ? undefined : at(request);
      return [operation, { byStatus, headers, request: body }];
    }),
  );
  const find = operationFinder(operations);
  return (exchange) => {
    const { method, path, json, status, body } = exchange;
    const operation = find(method, path);
    const known = operation === undefined ? undefined : checked.get(operation);
    const headersFlaw =
      known?.headers.get(String(status)) ?? known?.headers.get('default') ?? problemHeaders;
    if (known === undefined && status <= ACCEPTED_MAX) {
      return `the document has no ${method} ${path}, and it was answered ${status}`;
    }
    const flaw = known?.byStatus.get(String(status)) ?? known?.byStatus.get('default') ?? problem;
    const wrong = flaw(body);
    if (wrong !== undefined) return `the body of the ${status} is not as documented: ${wrong}`;
    if (status > ACCEPTED_MAX) {
      return problemFlaw(exchange, body as Problem) ?? flawOfHeaders(exchange, headersFlaw);
    }
    if (!known?.byStatus.has(String(status))) return `the document has no answer ${status} to it`;
    const asked = json === undefined ? undefined : known.request?.(json);
    if (asked !== undefined) return `it was accepted, and may not be asked: ${asked}`;
    return flawOfHeaders(exchange, headersFlaw);
  };
}

function flawOfHeaders(
  { status, headers, body, traceId }: HttpExchange,
  flaw: HeaderFlaw,
): string | undefined {
  if (headers === undefined) return undefined;
  // Of a request that was not read, the trace is not known.
  const isRead = (body as Partial<Problem> | undefined)?.instance !== UNREAD;
  const wrong = flaw({ headers, body, traceId: isRead ? traceId : undefined });
  return wrong === undefined ? undefined : `the ${status} is not as documented: ${wrong}`;
}

interface Problem {
  readonly type: string;
  readonly status: number;
  readonly code: string;
  readonly instance: string;
}

function problemFlaw(
  { status, path }: HttpExchange,
  { type, status: said, code, instance }: Problem,
): string | undefined {
  if (said !== status) return `the answer ${status} has a problem of the status ${said}`;
  if (type !== `urn:sagaproof:error:${code}`) return `the problem ${code} has the type ${type}`;
  const [asked = ''] = path.split('?');
  // Others may come back encoded or cut.
  const isPlain = PLAIN_PATH.test(asked);
  if (isPlain && instance !== UNREAD && instance.split('?')[0] !== asked) {
    return `the problem is about ${instance}`;
  }
  // A later version may have more codes; those that there are mean what they meant.
  const known = code in ERRORS ? ERRORS[code as keyof typeof ERRORS] : undefined;
  return known === undefined || known.http === status
    ? undefined
    : `the code ${code} belongs to ${known.http}, and it was answered ${status}`;
}
