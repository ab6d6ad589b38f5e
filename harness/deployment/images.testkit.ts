/** Docker for tests, and a base image of this machine's files where no registry can be reached. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

export const docker = async (...args: readonly string[]): Promise<string> =>
  (await execa('docker', args, { env: { DOCKER_BUILDKIT: '0' } })).stdout;

/** Why there is no Docker with Compose here; undefined where there is. */
export async function missingDocker(): Promise<string | undefined> {
  for (const args of [['version'], ['compose', 'version']]) {
    const { exitCode } = await execa('docker', args, { reject: false });
    if (exitCode !== 0) return `\`docker ${args.join(' ')}\` does not answer`;
  }
  return undefined;
}

const NODE = '/nodejs/bin/node';

/**
 * The layout of Google's distroless Node image out of the Node that runs this: the binary, the
 * libraries that it loads, and no more.
 */
export async function assembledBase(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-base-'));
  const copy = (from: string, to: string): void => {
    mkdirSync(dirname(join(folder, 'root', to)), { recursive: true });
    copyFileSync(realpathSync(from), join(folder, 'root', to));
  };
  copy(process.execPath, NODE);
  const libraries = execFileSync('ldd', [realpathSync(process.execPath)], { encoding: 'utf8' });
  for (const [path] of libraries.matchAll(/(?<=\s)\/\S+/g)) copy(path, path);
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY root/ /\n');
  const tag = 'sagaproof/assembled-node:test';
  await docker('build', '--quiet', '--tag', tag, folder);
  return tag;
}
