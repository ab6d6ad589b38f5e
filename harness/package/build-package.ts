/** The package as a folder: compiled, bundled, without tests, with a package.json of its own. */
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageAsset } from '../kernel/package-assets.ts';
import { declare } from './declarations.ts';
import { packageDescription } from './description.ts';
import { compileHarness } from './harness-modules.ts';
import { writeLicences } from './licences.ts';
import { bundleServices } from './service-bundles.ts';
import { assetPaths, entryPaths } from './source-tree.ts';

const EXECUTABLE = 0o755;
const COMMAND = 'bin/sagaproof.cjs';

/** @param folder is emptied first */
export async function buildPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const path of assetPaths()) copy(path, join(folder, path));
  const [imported, builtIn] = await Promise.all([
    compileHarness(entryPaths(), folder),
    bundleServices(folder),
    declare('harness/package/index.ts', folder, join(folder, 'declarations')),
  ]);
  writeLicences(builtIn, join(folder, 'THIRD-PARTY-LICENCES.txt'));
  copy('harness/package/sagaproof.cjs', join(folder, COMMAND));
  chmodSync(join(folder, COMMAND), EXECUTABLE);
  const description = packageDescription(imported, readdirSync(folder).sort());
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
}

function copy(from: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  cpSync(packageAsset(from), target);
}
