import { posix } from 'node:path';
import type { Tree } from '../sources/tree.ts';
import { protobufModules } from './protobuf-modules.ts';

/** What the gate can compare in a repository. */
export interface Discovered {
  /** Folders with Avro schemas or protocols. */
  readonly avro: readonly string[];
  /** Roots of protobuf modules, and folders with what they import. */
  readonly protobuf: readonly string[];
  readonly imports: readonly string[];
  /** Modules of the Buf Schema Registry that are imported and not in the repository. */
  readonly remote: readonly string[];
  readonly openapi: readonly string[];
  readonly asyncapi: readonly string[];
  readonly jsonSchema: readonly string[];
  /** What is not compared, with the reason. */
  readonly leftOut: readonly string[];
}

/** Folders whose documents are not served by anything. */
const EXAMPLES =
  /(^|\/)(tests?|__tests__|spec-tests|fixtures?|testdata|test-data|test_data|examples?|samples?|templates?|mocks?|node_modules|\.[^/]+)\//i;
const DOCUMENT = /\.(ya?ml|json)$/;
/** The version of a document is near its beginning. */
const HEAD_CHARACTERS = 20_000;

/**
 * Finds schemas and contracts.
 *
 * @param paths of the tracked files
 */
export function discover(tree: Tree, paths: readonly string[]): Discovered {
  const used = paths.filter((path) => !EXAMPLES.test(path));
  const { modules, imports, remote } = protobufModules(tree, used);
  const documents = used.filter((path) => DOCUMENT.test(path));
  const kinds = new Map(documents.map((path) => [path, kindOf(tree.read(path) ?? '')]));
  const ofKind = (kind: Kind): string[] => documents.filter((path) => kinds.get(path) === kind);
  const avro = used.filter((path) => /\.(avsc|avdl|avpr)$/.test(path));
  const examples = paths.filter(
    (path) => EXAMPLES.test(path) && /\.(proto|avsc|avdl|avpr)$/.test(path),
  );
  return {
    avro: commonFolders(avro),
    protobuf: modules,
    imports,
    remote,
    openapi: ofKind('openapi'),
    asyncapi: ofKind('asyncapi'),
    jsonSchema: ofKind('json-schema'),
    leftOut: [
      ...ofKind('swagger').map((path) => `${path}: OpenAPI 2 (convert it: npx swagger2openapi)`),
      ...(examples.length > 0
        ? [`${examples.length} schemas in folders of tests or examples`]
        : []),
    ],
  };
}

type Kind = 'openapi' | 'asyncapi' | 'json-schema' | 'swagger';

/** By a keyword at the top of the document, without parsing what may be large or no document. */
function kindOf(text: string): Kind | undefined {
  const head = text.slice(0, HEAD_CHARACTERS);
  const json = head.trimStart().startsWith('{');
  const has = (keyword: string, value: string): boolean =>
    (json
      ? new RegExp(`^\\s*\\{[\\s\\S]*?"${keyword}"\\s*:\\s*"?${value}`)
      : new RegExp(`^["']?${keyword}["']?\\s*:\\s*["']?${value}`, 'm')
    ).test(head);
  if (has('openapi', '3\\.')) return 'openapi';
  if (has('asyncapi', '[23]\\.')) return 'asyncapi';
  if (has('swagger', '2')) return 'swagger';
  // Older drafts write `$schema` with a backslash-free address of the same host.
  const isSchema = has('\\$schema', 'https?:\\/\\/json-schema\\.org\\/');
  return isSchema && /["']?(properties|\$defs|definitions|oneOf|items|type)["']?\s*:/.test(head)
    ? 'json-schema'
    : undefined;
}

/** The folders that together hold the files: one per folder at the top, as deep as possible. */
export function commonFolders(paths: readonly string[]): string[] {
  const byTop = Map.groupBy(paths, (path) => path.split('/')[0] ?? '');
  if ([...byTop.keys()].some((top) => paths.includes(top))) return ['.'];
  return [...byTop.values()].map((some) => {
    const folders = some.map((path) => posix.dirname(path).split('/'));
    const [first = []] = folders;
    const differs = first.findIndex((part, at) => folders.some((other) => other[at] !== part));
    return first.slice(0, differs < 0 ? first.length : differs).join('/');
  });
}
