import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const DOCUMENT_PATH = fileURLToPath(new URL('../../contracts/spec/openapi.yaml', import.meta.url));

type Content = Readonly<Record<string, { readonly schema?: object }>>;

interface Referenced {
  readonly $ref?: string;
}

interface Header extends Referenced {
  readonly required?: boolean;
  readonly schema?: object;
}

interface Response extends Referenced {
  readonly content?: Content;
  readonly headers?: Readonly<Record<string, Header>>;
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
    readonly headers?: Readonly<Record<string, Header>>;
  };
}

/** A header that a response documents. */
export interface ApiHeader {
  /** In lower case. */
  readonly name: string;
  readonly required: boolean;
  readonly schema: object;
}

/** What a response documents besides its body. */
export interface ApiResponse {
  /** Media types of its body, as the document writes them. */
  readonly mediaTypes: readonly string[];
  readonly headers: readonly ApiHeader[];
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
  /** By status or `default`. */
  readonly responses: ReadonlyMap<string, ApiResponse>;
}

/** Reads the gateway's document as it is: references are not resolved. */
export function readOpenapi(path: string = DOCUMENT_PATH): OpenapiDocument {
  return parse(readFileSync(path, 'utf8')) as OpenapiDocument;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Every operation that the document has. */
export function operationsOf(document: OpenapiDocument): ApiOperation[] {
  const { paths, components } = document;
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
      const responses = new Map(
        Object.entries(operation.responses).map(([status, response]) => [
          status,
          responseOf(document, response),
        ]),
      );
      return [
        {
          operationId: operation.operationId,
          method: method.toUpperCase(),
          path,
          request: body,
          answers: new Map(answers),
          responses,
        },
      ];
    }),
  );
}

/** What a response documents, also one that is a reference to a component. */
export function responseOf({ components }: OpenapiDocument, response: Response): ApiResponse {
  const named = response.$ref?.split('/').at(-1);
  const { content, headers } = (named === undefined ? response : components.responses[named]) ?? {};
  return {
    mediaTypes: Object.keys(content ?? {}),
    headers: Object.entries(headers ?? {}).map(([name, header]) => {
      const reference = header.$ref?.split('/').at(-1);
      const found = reference === undefined ? header : components.headers?.[reference];
      const { required = false, schema = {} } = found ?? {};
      return { name: name.toLowerCase(), required, schema };
    }),
  };
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
