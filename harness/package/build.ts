/** Builds the package into `dist/`, which `pnpm pack` packs: compiled, bundled, without tests. */
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageAsset } from '../kernel/package-assets.ts';
import { declare } from './declarations.ts';
import { packageDescription } from './description.ts';
import { compileHarness } from './harness-modules.ts';
import { writeLicences } from './licences.ts';
import { bundleServices } from './service-bundles.ts';
import { assetPaths, entryPaths } from './source-tree.ts';

const FOLDER = packageAsset('dist');
const EXECUTABLE = 0o755;

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const path of assetPaths()) copy(path, path);
const [imported, builtIn] = await Promise.all([
  compileHarness(entryPaths(), FOLDER),
  bundleServices(FOLDER),
  declare('harness/package/index.ts', FOLDER, `${FOLDER}/declarations`),
]);
writeLicences(builtIn, join(FOLDER, 'THIRD-PARTY-LICENCES.txt'));
copy('harness/package/sagaproof.cjs', 'bin/sagaproof.cjs');
chmodSync(join(FOLDER, 'bin/sagaproof.cjs'), EXECUTABLE);
const description = packageDescription(imported, readdirSync(FOLDER).sort());
writeFileSync(join(FOLDER, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);

function copy(from: string, to: string): void {
  const target = join(FOLDER, to);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(packageAsset(from), target);
}
