import { operationsOf, partAt, readOpenapi } from '../documents/openapi.ts';
import { fieldPaths } from '../pacts/field-paths.ts';

interface ObjectSchema {
  readonly type?: string;
  readonly properties?: object;
  readonly $ref?: string;
}

let open: ReadonlySet<string> | undefined;

/**
 * Fields of an accepted answer over HTTP. Where the document leaves an answer open (an object, and
 * not a word of what is in it), what it carries is content: only the names at its top are fields.
 *
 * @param operation as the document has it: `GET /v1/jobs/{jobId}`
 */
export function answerFields(operation: string, body: unknown): Iterable<string> {
  open ??= openAnswers();
  if (!open.has(operation) || typeof body !== 'object' || body === null) {
    return fieldPaths(body, 'answer');
  }
  return Object.keys(body).map((name) => `answer.${name}`);
}

function openAnswers(): ReadonlySet<string> {
  const document = readOpenapi();
  const isOpen = (pointer: string | undefined): boolean => {
    if (pointer === undefined) return false;
    const { type, properties, $ref } = (partAt(document, pointer) ?? {}) as ObjectSchema;
    return type === 'object' && properties === undefined && $ref === undefined;
  };
  return new Set(
    operationsOf(document)
      .filter(({ answers }) => isOpen(answers.get('200')))
      .map(({ method, path }) => `${method} ${path}`),
  );
}
