/** Types of the package's exports: the declaration of a module, and those that it needs. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { PACKAGE_ROOT, packageAsset } from '../kernel/package-assets.ts';

/** Imports of ours in a declaration, which have the extension of a source, or an alias. */
const SPECIFIER = /(?<=from |import\()(?<quote>['"])((?:\.{1,2}\/|#)[^'"]+)\k<quote>/g;
/** The aliases of package.json whose folder has another name than they. */
const PROTO_ALIAS = /^#proto\//;

/**
 * Writes the declaration of a module to where the module is compiled to, and those of all modules
 * that it names.
 *
 * @param scratch a folder for the compiler's output, which is removed
 */
export async function declare(entry: string, folder: string, scratch: string): Promise<void> {
  await execa(
    'tsc',
    [
      ...['--ignoreConfig', packageAsset(entry), '--rootDir', PACKAGE_ROOT, '--outDir', scratch],
      ...['--declaration', '--emitDeclarationOnly', '--noCheck', '--stripInternal'],
      ...['--target', 'es2024', '--module', 'nodenext', '--types', 'node', '--strict'],
      '--allowImportingTsExtensions',
    ],
    { cwd: PACKAGE_ROOT, preferLocal: true, localDir: PACKAGE_ROOT },
  );
  const declared = new Set<string>();
  const pending = [declarationOf(entry)];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (declared.has(path)) continue;
    declared.add(path);
    pending.push(...copyDeclaration(path, folder, scratch));
  }
  rmSync(scratch, { recursive: true, force: true });
}

const declarationOf = (path: string): string => path.replace(/\.[jt]s$/, '.d.ts');

/** @returns the declarations that this one names */
function copyDeclaration(path: string, folder: string, scratch: string): string[] {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  const emitted = join(scratch, path);
  // Generated code has its declarations in the checkout.
  const source = existsSync(emitted) ? emitted : packageAsset(path);
  const named: string[] = [];
  const text = readFileSync(source, 'utf8').replace(SPECIFIER, (_, _quote, specifier) => {
    const module = moduleOf(specifier, dirname(path));
    named.push(declarationOf(module));
    const compiled = relative(dirname(path), module.replace(/\.ts$/, '.js'));
    return `'${compiled.startsWith('.') ? compiled : `./${compiled}`}'`;
  });
  writeFileSync(target, text);
  return named;
}

/** The path, from the root, of a module that another one names. */
function moduleOf(specifier: string, folder: string): string {
  if (!specifier.startsWith('#')) return join(folder, specifier);
  return specifier.replace(PROTO_ALIAS, 'proto/gen/').replace(/^#/, '');
}
