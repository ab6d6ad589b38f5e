/** Prepares the context of images/Dockerfile and builds every image: `pnpm images`. */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { SERVICES } from '../kernel/address-book.ts';
import { packageAsset } from '../kernel/package-assets.ts';
import { VERSION } from '../kernel/version.ts';
import { prepareImageContext } from './image-context.ts';

const TESTBED = 'testbed';
const context = packageAsset('node_modules/.cache/images');
rmSync(context, { recursive: true, force: true });
mkdirSync(dirname(context), { recursive: true });
await prepareImageContext(context);
cpSync(packageAsset('images/Dockerfile'), join(context, 'Dockerfile'));

const { stdout: revision } = await execa('git', ['rev-parse', 'HEAD'], { cwd: packageAsset('.') });
const base = process.env['BASE_IMAGE'];
for (const service of [...SERVICES, TESTBED]) {
  const values = { SERVICE: service, VERSION, REVISION: revision, ...(base ? { BASE: base } : {}) };
  const args = Object.entries(values).flatMap(([name, value]) => [
    '--build-arg',
    `${name}=${value}`,
  ]);
  const tag = `sagaproof/${service}:${VERSION}`;
  await execa('docker', ['build', '--quiet', '--tag', tag, ...args, context], {
    stdout: 'ignore',
    stderr: 'inherit',
  });
  process.stdout.write(`${tag}\n`);
}
