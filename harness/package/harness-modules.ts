/** The harness and the scenarios as JavaScript: a module for each of theirs, in the same places. */
import { join } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';
import { PACKAGE_ROOT } from '../kernel/package-assets.ts';

const OWN = /^[./#]/;
/** Messages name the command as a checkout has it. */
const COMMAND = /(?:npx -y pnpm@\d+|pnpm) sagaproof/g;
const INSTALLED_COMMAND = 'npx sagaproof';
/** A module names others that it starts by URL; the compiled ones have another extension. */
const STARTED = /(\bnew URL\('\.\/[^']+\.)ts(', import\.meta\.url\))/g;

/**
 * Compiles entries and all that they import of ours; packages stay imports.
 *
 * @returns names of the packages that the modules import
 */
export async function compileHarness(
  entries: readonly string[],
  folder: string,
): Promise<ReadonlySet<string>> {
  const bundle = await rolldown({
    input: entries.map((path) => join(PACKAGE_ROOT, path)),
    cwd: PACKAGE_ROOT,
    platform: 'node',
    external: (id) => !OWN.test(id),
    plugins: [{ name: 'installed', transform: installed }],
  });
  const { output } = await bundle
    .write({
      dir: folder,
      format: 'esm',
      preserveModules: true,
      preserveModulesRoot: PACKAGE_ROOT,
      entryFileNames: '[name].js',
    })
    .finally(() => bundle.close());
  const chunks = output.filter((part): part is OutputChunk => part.type === 'chunk');
  const files = new Set(chunks.map(({ fileName }) => fileName));
  const imports = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]);
  return new Set(
    imports.filter((id) => !files.has(id) && !id.startsWith('node:')).map(packageName),
  );
}

const installed = (code: string): string =>
  code.replace(STARTED, '$1js$2').replace(COMMAND, INSTALLED_COMMAND);

/** `@scope/name/deep.js` is of `@scope/name`. */
const packageName = (id: string): string =>
  id
    .split('/')
    .slice(0, id.startsWith('@') ? 2 : 1)
    .join('/');
