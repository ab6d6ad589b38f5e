import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const ERRORS_SHOWN = 3;

/** What is wrong with a value, in one sentence; undefined when nothing is. */
export type Flaw = (value: unknown) => string | undefined;

/**
 * Compiles schemas of one document, or of several that refer to each other. The documents around
 * the schemas have keywords that are not JSON Schema's, so unknown ones are let be.
 */
export class SchemaChecks {
  readonly #ajv = new Ajv2020({
    strictSchema: false,
    strictTypes: false,
    validateSchema: false,
    discriminator: true,
    allErrors: false,
  });

  constructor() {
    addFormats.default(this.#ajv, ['uuid', 'date-time', 'uri-reference']);
  }

  /** Makes a document's parts known as `<id>#/json/pointer`. */
  add(id: string, document: object): this {
    this.#ajv.addSchema(document, id);
    return this;
  }

  /** Makes the check of a schema; it is compiled when a value is first held to it. */
  check(schema: object): Flaw {
    let validate: ValidateFunction | undefined;
    return (value) => {
      validate ??= this.#ajv.compile(schema);
      return validate(value) ? undefined : described(validate.errors ?? []);
    };
  }
}

function described(errors: readonly ErrorObject[]): string {
  return errors
    .slice(0, ERRORS_SHOWN)
    .map(({ instancePath, message, params, keyword }) => {
      const where = instancePath === '' ? 'it' : instancePath.slice(1).replaceAll('/', '.');
      const extra = keyword === 'additionalProperties' ? ` (${params['additionalProperty']})` : '';
      const known = keyword === 'enum' ? ` (${params['allowedValues'].join(', ')})` : '';
      return `${where} ${message ?? 'is not valid'}${extra}${known}`;
    })
    .join('; ');
}
