import { ERRORS } from '#contracts/spec/errors/registry.ts';
import { type Flaw, SchemaChecks } from './json-schema-check.ts';
import { operationFinder, operationsOf, readOpenapi } from './openapi.ts';

/** A request of a web client and its answer. */
export interface HttpExchange {
  readonly method: string;
  readonly path: string;
  /** The body as JSON, when it was kept. */
  readonly json?: unknown;
  readonly status: number;
  readonly body: unknown;
}

/** What is not as documented about an answer; undefined when all is. */
export type AnswerFlaw = (exchange: HttpExchange) => string | undefined;

const PROBLEM = '/components/schemas/Problem';
const ACCEPTED_MAX = 399;

/**
 * Holds the gateway's answers to `contracts/spec/openapi.yaml`: the body is of the schema that its
 * operation has for the status, a problem's code belongs to the status by the error registry, and
 * what the document forbids to ask is not accepted. What clients ask is theirs: nonsense that is
 * refused as documented is as documented.
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
  const checked = new Map(
    operations.map((operation) => {
      const { request, answers } = operation;
      const byStatus = new Map([...answers].map(([status, pointer]) => [status, at(pointer)]));
      return [operation, { byStatus, request: request === undefined ? undefined : at(request) }];
    }),
  );
  const find = operationFinder(operations);
  return ({ method, path, json, status, body }) => {
    const operation = find(method, path);
    const known = operation === undefined ? undefined : checked.get(operation);
    if (known === undefined && status <= ACCEPTED_MAX) {
      return `the document has no ${method} ${path}, and it was answered ${status}`;
    }
    const flaw = known?.byStatus.get(String(status)) ?? known?.byStatus.get('default') ?? problem;
    const wrong = flaw(body);
    if (wrong !== undefined) return `the body of the ${status} is not as documented: ${wrong}`;
    if (status > ACCEPTED_MAX) return problemFlaw(status, body as Problem);
    if (!known?.byStatus.has(String(status))) return `the document has no answer ${status} to it`;
    const asked = json === undefined ? undefined : known.request?.(json);
    return asked === undefined ? undefined : `it was accepted, and may not be asked: ${asked}`;
  };
}

interface Problem {
  readonly status: number;
  readonly code: string;
}

function problemFlaw(status: number, { status: said, code }: Problem): string | undefined {
  if (said !== status) return `the answer ${status} has a problem of the status ${said}`;
  // A later version may have more codes; those that there are mean what they meant.
  const known = code in ERRORS ? ERRORS[code as keyof typeof ERRORS] : undefined;
  return known === undefined || known.http === status
    ? undefined
    : `the code ${code} belongs to ${known.http}, and it was answered ${status}`;
}
