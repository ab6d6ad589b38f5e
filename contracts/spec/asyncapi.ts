import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

/** Path of the document, for messages that name it. */
export const ASYNCAPI_PATH = fileURLToPath(new URL('./asyncapi.yaml', import.meta.url));

const DOCUMENT_ID = 'asyncapi.yaml';
const ERRORS_SHOWN = 3;

/** `websocketReceives`: what clients say; `websocketSends`: what the service says. */
export type WebSocketOperation = 'websocketReceives' | 'websocketSends';

/** Valid, or one sentence about what is not. */
export type MessageCheck = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/** As much of the document as messages are held to. */
export interface AsyncApiDocument {
  readonly operations: Record<string, { readonly messages?: ReadonlyArray<{ $ref: string }> }>;
  readonly components: { readonly messages: Record<string, { readonly payload?: unknown }> };
}

/** Reads the AsyncAPI document as it is: references are not resolved. */
export function readAsyncApi(path: string = ASYNCAPI_PATH): AsyncApiDocument {
  return parse(readFileSync(path, 'utf8')) as AsyncApiDocument;
}

/**
 * Makes the check for the WebSocket's messages from the document, so that the document and what is
 * accepted cannot differ. The message's `type` chooses its schema.
 */
export function websocketMessageCheck(
  operation: WebSocketOperation,
  document: AsyncApiDocument = readAsyncApi(),
): (message: unknown) => MessageCheck {
  const validators = compile(operation, document);
  const known = [...validators.keys()].join(', ');
  return (message) => {
    const type =
      typeof message === 'object' && message !== null && 'type' in message
        ? message.type
        : undefined;
    const validate = typeof type === 'string' ? validators.get(type) : undefined;
    if (validate === undefined) {
      return { ok: false, detail: `A message is an object whose type is one of: ${known}.` };
    }
    return validate(message)
      ? { ok: true }
      : { ok: false, detail: describe(validate.errors ?? []) };
  };
}

function compile(
  operation: WebSocketOperation,
  document: AsyncApiDocument,
): Map<string, ValidateFunction> {
  // `strictSchema: false`: the document around the schemas has keywords that are not JSON Schema's.
  const ajv = new Ajv({ strictSchema: false, allErrors: false, validateSchema: false });
  addFormats.default(ajv);
  ajv.addSchema(document as object, DOCUMENT_ID);
  const names = (document.operations[operation]?.messages ?? []).map((reference) =>
    reference.$ref.slice(reference.$ref.lastIndexOf('/') + 1),
  );
  if (names.length === 0) {
    throw new Error(`${ASYNCAPI_PATH}: the operation ${operation} has no messages`);
  }
  return new Map(
    names.map((name) => {
      const schema = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      const validate = ajv.compile({ $ref: `${DOCUMENT_ID}#/components/schemas/${schema}` });
      return [name, validate];
    }),
  );
}

function describe(errors: readonly ErrorObject[]): string {
  return errors
    .slice(0, ERRORS_SHOWN)
    .map((error) => {
      const extra =
        error.keyword === 'additionalProperties' ? ` (${error.params['additionalProperty']})` : '';
      return `${error.instancePath || 'the message'} ${error.message ?? 'is not valid'}${extra}`;
    })
    .join('; ');
}
