/** The package.json of the package: what its users need of ours, and nothing else. */
import { readFileSync } from 'node:fs';
import { packageAsset } from '../kernel/package-assets.ts';

/** Types are stripped without a flag, and what the command line uses is there. */
const NODE = '>=24.12';
/** Packages whose commands are run; no module imports them. */
const RUN_AS_COMMANDS = ['@bufbuild/buf', '@pact-foundation/pact-cli'];

type Versions = Readonly<Record<string, string>>;

interface Description extends Readonly<Record<string, unknown>> {
  readonly dependencies: Versions;
  readonly optionalDependencies: Versions;
}

const readDescription = (): Description =>
  JSON.parse(readFileSync(packageAsset('package.json'), 'utf8')) as Description;

/**
 * @param imported names of the packages that modules of the package import
 * @param files what is packed: without it, ignore files of the checkout decide
 */
export function packageDescription(
  imported: ReadonlySet<string>,
  files: readonly string[],
): object {
  const ours = readDescription();
  const names = [...new Set([...imported, ...RUN_AS_COMMANDS])].sort();
  const undeclared = names.filter((name) => ours.dependencies[name] === undefined);
  if (undeclared.length > 0) {
    throw new Error(
      `the package imports ${undeclared.join(', ')}, which package.json has not among its dependencies`,
    );
  }
  const kept = ['name', 'version', 'description', 'keywords', 'license', 'author', 'repository'];
  return {
    ...Object.fromEntries(kept.flatMap((key) => (key in ours ? [[key, ours[key]]] : []))),
    type: 'module',
    engines: { node: NODE },
    bin: { sagaproof: './bin/sagaproof.cjs' },
    exports: {
      '.': { types: './harness/package/index.d.ts', default: './harness/package/index.js' },
      './package.json': './package.json',
    },
    files,
    sideEffects: false,
    dependencies: Object.fromEntries(names.map((name) => [name, ours.dependencies[name]])),
    optionalDependencies: ours.optionalDependencies,
  };
}
