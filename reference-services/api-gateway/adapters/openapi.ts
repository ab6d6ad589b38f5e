import { readFile } from 'node:fs/promises';
import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import { parse } from 'yaml';

const DOCUMENT_URL = new URL('../../../contracts/spec/openapi.yaml', import.meta.url);

/** As much as the gateway itself reads of its description. */
export interface OpenapiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** The one description of the public API: routes, validation and `/openapi.json` are made of it. */
export async function readOpenapi(): Promise<OpenapiDocument> {
  return parse(await readFile(DOCUMENT_URL, 'utf8')) as OpenapiDocument;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Which methods each path has, in Fastify's spelling of the path; a GET answers HEAD as well. */
export function methodsByUrl(document: OpenapiDocument): ReadonlyMap<string, readonly string[]> {
  const entries = Object.entries(document.paths).map(([path, operations]) => {
    const methods = METHODS.filter((method) => method in operations).map((m) => m.toUpperCase());
    const all = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
    return [path.replaceAll(/\{(\w+)\}/g, ':$1'), all] as const;
  });
  return new Map(entries);
}

/** One thing about a request that does not match. */
export interface Mismatch {
  readonly pointer: string;
  readonly detail: string;
}

/** Errors reported at most: the body's size bounds the work, this bounds the answer. */
const MISMATCHES_MAX = 20;

/** Validation errors for the client: where and what, and never the value. */
export function mismatchesOf(part: string, errors: readonly ErrorObject[]): readonly Mismatch[] {
  return errors.slice(0, MISMATCHES_MAX).map((error) => {
    const unknown = error.params['additionalProperty'];
    const named = typeof unknown === 'string' ? `: ${unknown.slice(0, 64)}` : '';
    return {
      pointer: `${part}${error.instancePath}`,
      detail: `${error.message ?? 'does not match'}${named}`,
    };
  });
}

const COMMON: Options = { strict: true, allowUnionTypes: true, strictRequired: false };

function createAjv(options: Options): Ajv2020 {
  const ajv = new Ajv2020({ ...COMMON, ...options });
  formats.default(ajv, ['uuid', 'date-time', 'uri-reference']);
  // OpenAPI's own annotation; it says nothing about validity.
  ajv.addKeyword('example');
  return ajv;
}

/**
 * Compiles the schemas of requests. Bodies are taken as they are; a query string or a path is text,
 * so that a number there is read from it and defaults are filled in.
 */
export function requestValidators(): FastifySchemaCompiler<object> {
  const bodies = createAjv({ allErrors: true });
  const texts = createAjv({ allErrors: true, coerceTypes: true, useDefaults: true });
  return ({ schema, httpPart }) =>
    httpPart === 'body' ? bodies.compile(schema) : decimalsOnly(schema, texts.compile(schema));
}

type TextSchema = { readonly properties?: Readonly<Record<string, { readonly type?: unknown }>> };
type Validator = ((data: unknown) => boolean) & { errors: ErrorObject[] | null };

/** A number is written in decimal digits; Ajv also reads `0x10`, `1e1` and an empty text as one. */
function decimalsOnly(schema: object, validate: ValidateFunction): Validator {
  const { properties = {} } = schema as TextSchema;
  const numbers = Object.keys(properties).filter((name) => properties[name]?.type === 'integer');
  const check = (data: unknown): boolean => {
    const texts = (data ?? {}) as Readonly<Record<string, unknown>>;
    const wrong = numbers.find(
      (name) => typeof texts[name] === 'string' && !DECIMAL.test(texts[name]),
    );
    const isValid = wrong === undefined && validate(data);
    validator.errors = wrong === undefined ? (validate.errors ?? null) : [notDecimal(wrong)];
    return isValid;
  };
  const validator: Validator = Object.assign(check, { errors: null });
  return validator;
}

const DECIMAL = /^-?\d+$/;

const notDecimal = (name: string): ErrorObject => ({
  ...{ keyword: 'type', schemaPath: `#/properties/${name}/type`, instancePath: `/${name}` },
  ...{ params: { type: 'integer' }, message: 'must be integer' },
});

/** A response that breaks the contract is the gateway's own mistake. */
class BrokenContract extends Error {
  readonly code = 'response-breaks-contract';
}

/**
 * Writes a response, once it was checked against the schema of its status. That is compiled for the
 * first such response: most of an operation's error statuses are never sent.
 */
export function responseSerializers(): (route: {
  schema: unknown;
  method: string;
  url: string;
}) => (data: unknown) => string {
  const ajv = createAjv({});
  return ({ schema, method, url }) => {
    let validate: ValidateFunction | undefined;
    return (data) => {
      validate ??= ajv.compile(schema as object);
      if (validate(data)) return JSON.stringify(data);
      throw new BrokenContract(`${method} ${url}: ${ajv.errorsText(validate.errors)}`);
    };
  };
}
