/** What of the checkout belongs into the package. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { trackedPaths } from '../dev/source-files.ts';
import { PACKAGE_ROOT } from '../kernel/package-assets.ts';

/** Folders whose files programs read; TypeScript in them is compiled instead. */
const ASSET_FOLDERS =
  /^(avro|proto|contracts\/(spec|pacts|unread|consumers)|docs\/reference|harness|observability|reference-services)\//;
/** Templates of `sagaproof init`. */
const TEMPLATES = /^examples\/own-repository\/.*\.ts$/;
const ASSET_FILES = ['LICENSE', 'README.md', 'contracts/topology.yaml', 'contracts/sagas.yaml'];
const NOT_SHIPPED =
  /\.ts$|\.test\.yaml$|\.md$|\/fixtures\/|^harness\/(deployment|dev|package)\/|^proto\/gen\//;
/** Imported by programs, so that they are compiled with them. */
const IMPORTED = /\/gen\/.*\.js$/;

/** Paths of the files that are copied as they are. */
export const assetPaths = (): string[] =>
  trackedPaths()
    .filter(
      (path) =>
        TEMPLATES.test(path) ||
        (ASSET_FOLDERS.test(path) && !NOT_SHIPPED.test(path) && !IMPORTED.test(path)),
    )
    .concat(ASSET_FILES);

/** Modules that only tests and development use. */
const NOT_COMPILED =
  /\.(test|testkit|d)\.ts$|\/fixtures\/|^harness\/dev\/|^harness\/package\/(?!index)/;
const STARTED = [
  /\bpackageProgram\('([^']+)'\)/g,
  /\bnew URL\('(\.\/[^']+)\.ts', import\.meta\.url\)/g,
] as const;

/**
 * Modules that are no import of another one: the command line, the exports, scenarios, and
 * everything that a module starts as a process or thread of its own.
 */
export function entryPaths(): string[] {
  const sources = trackedPaths().filter((path) => /\.ts$/.test(path) && !NOT_COMPILED.test(path));
  const started = sources
    .filter((path) => /^(harness|load\/engine)\//.test(path))
    .flatMap((path) => startedBy(path));
  const scenarios = sources.filter((path) => /^scenarios\/[^/]+\.ts$/.test(path));
  return [
    ...new Set(['harness/cli/main.ts', 'harness/package/index.ts', ...scenarios, ...started]),
  ];
}

function startedBy(path: string): string[] {
  const text = readFileSync(join(PACKAGE_ROOT, path), 'utf8');
  return STARTED.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, name = '']) =>
      name.startsWith('./') ? `${join(path, '..', name)}.ts` : `${name}.ts`,
    ),
  );
}
