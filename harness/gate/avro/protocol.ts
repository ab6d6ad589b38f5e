import { posix } from 'node:path';
import avsc from 'avsc';
import { GateError } from '../error.ts';
import type { Tree } from '../sources/tree.ts';

/** Files that describe protocols: Avro IDL, and its JSON. */
export const IDL_ENDINGS = ['.avdl', '.avpr'] as const;

type Json = Readonly<Record<string, unknown>>;

export interface AvroProtocol {
  /** Named types, each with its full namespace. */
  readonly types: readonly Json[];
  readonly messages: Json;
}

/** Types of the specification's IDL that the library does not know. */
const TYPE_REFS = {
  date: { type: 'int', logicalType: 'date' },
  time_ms: { type: 'int', logicalType: 'time-millis' },
  timestamp_ms: { type: 'long', logicalType: 'timestamp-millis' },
  local_timestamp_ms: { type: 'long', logicalType: 'local-timestamp-millis' },
  uuid: { type: 'string', logicalType: 'uuid' },
};

/** Reads a protocol with its imports. Throws a {@link GateError} when it is not one. */
export function protocolOf(tree: Tree, file: string): AvroProtocol {
  const text = tree.read(file) ?? '';
  const protocol = file.endsWith('.avpr') ? jsonOf(text, file) : idlOf(tree, file);
  const namespace = String(protocol['namespace'] ?? '');
  const types = (Array.isArray(protocol['types']) ? protocol['types'] : []) as Json[];
  const messages = (protocol['messages'] ?? {}) as Json;
  return { types: types.map((type) => ({ namespace, ...type })), messages };
}

function jsonOf(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new GateError(`${file} is not JSON: ${(error as Error).message}`, { file });
  }
}

/** The callbacks come before the call returns, because the files are read at once. */
function idlOf(tree: Tree, file: string): Json {
  let protocol: Json | undefined;
  let problem: Error | undefined;
  const importHook = (
    path: string,
    kind: string,
    done: (error?: Error, text?: string, path?: string) => void,
  ): void => {
    const inRepository = posix.normalize(path);
    const text = tree.read(inRepository);
    if (text === undefined) done(new Error(`${inRepository}, which it imports, is missing`));
    else done(undefined, kind === 'idl' ? modernIdl(text) : text, path);
  };
  const options = { importHook, typeRefs: TYPE_REFS } as never;
  avsc.assembleProtocol(file, options, (error: Error, found: unknown) => {
    problem = error ?? undefined;
    protocol = found as Json;
  });
  if (protocol !== undefined && !problem) return protocol;
  throw new GateError(`${file} is not Avro IDL: ${problem?.message ?? 'it has no protocol'}`, {
    file,
    fix: 'convert it: java -jar avro-tools.jar idl2schemata',
  });
}

/** Decimals and optional types in the way that the library reads them. */
const modernIdl = (text: string): string =>
  text
    .replaceAll(
      /\bdecimal\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/g,
      (_, precision: string, scale = '0') =>
        `@logicalType("decimal") @precision(${precision}) @scale(${scale}) bytes`,
    )
    .replaceAll(/\b([A-Za-z_][\w.]*)\?/g, 'union { null, $1 }');
