import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const DOCUMENT_PATH = fileURLToPath(new URL('../../contracts/spec/openapi.yaml', import.meta.url));

type Content = Readonly<Record<string, { readonly schema?: object }>>;

interface Referenced {
  readonly $ref?: string;
}

interface Response extends Referenced {
  readonly content?: Content;
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
}

/** As much of the OpenAPI document as answers are held to. */
export interface OpenapiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

/** One operation of the API. */
export interface ApiOperation {
  readonly operationId: string;
  readonly method: string;
  /** As the document has it: `/v1/orders/{orderId}`. */
  readonly path: string;
  /** JSON pointer of the schema of its request's body. */
  readonly request: string | undefined;
  /** By status or `default`, JSON pointer of the schema of the answer's body. */
  readonly answers: ReadonlyMap<string, string>;
}

/** Reads the gateway's document as it is: references are not resolved. */
export function readOpenapi(path: string = DOCUMENT_PATH): OpenapiDocument {
  return parse(readFileSync(path, 'utf8')) as OpenapiDocument;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Every operation that the document has. */
export function operationsOf({ paths, components }: OpenapiDocument): ApiOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as Operation | undefined;
      if (operation === undefined) return [];
      const at = `/paths/${pointerOf(path)}/${method}`;
      const body = schemaAt(operation.requestBody?.content, `${at}/requestBody`);
      const answers = Object.entries(operation.responses).flatMap(([status, response]) => {
        const name = response.$ref?.split('/').at(-1);
        const found = name === undefined ? response : components.responses[name];
        const place =
          name === undefined ? `${at}/responses/${status}` : `/components/responses/${name}`;
        const schema = schemaAt(found?.content, place);
        return schema === undefined ? [] : [[status, schema] as const];
      });
      const { operationId } = operation;
      const called = method.toUpperCase();
      return [{ operationId, method: called, path, request: body, answers: new Map(answers) }];
    }),
  );
}

function schemaAt(content: Content | undefined, place: string): string | undefined {
  const [type] = Object.keys(content ?? {});
  return type === undefined ? undefined : `${place}/content/${pointerOf(type)}/schema`;
}

/** As a part of a JSON pointer in a URI fragment. */
const pointerOf = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

/** What is at a JSON pointer, as {@link ApiOperation} writes it; undefined where nothing is. */
export function partAt(document: OpenapiDocument, pointer: string): unknown {
  const names = pointer.split('/').slice(1).map(decodeURIComponent);
  return names.reduce<unknown>(
    (inner, name) =>
      (inner as Readonly<Record<string, unknown>> | undefined)?.[
        name.replaceAll('~1', '/').replaceAll('~0', '~')
      ],
    document,
  );
}

/** Finds the operation of a request; one with more words of its own wins over a parameter. */
export function operationFinder(
  operations: readonly ApiOperation[],
): (method: string, target: string) => ApiOperation | undefined {
  const patterns = operations
    .toSorted((a, b) => parametersIn(a.path) - parametersIn(b.path))
    .map((operation) => ({
      operation,
      pattern: new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    }));
  return (method, target) => {
    const [path = ''] = target.split('?');
    return patterns.find(
      ({ operation, pattern }) => operation.method === method && pattern.test(path),
    )?.operation;
  };
}

const parametersIn = (path: string): number => path.split('{').length - 1;
