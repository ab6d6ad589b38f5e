import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../kernel/child-command.ts';
import { ProvisionError } from '../error.ts';
import { manifestFile, type SourceOf } from '../manifest.ts';
import type { InstallContext } from '../package.ts';
import { digest } from '../stamp.ts';

/** Downloads at once; the artefacts are many and small. */
const MAVEN_OPTS = '-Dmaven.artifact.threads=10';

/** Fetches every jar and archive of the pom, and compares each with its line in the lock. */
export async function installMaven(
  source: SourceOf<'maven'>,
  options: { readonly mvn: string; readonly javaHome: string },
  context: InstallContext,
): Promise<void> {
  const output = join(context.scratch, 'maven');
  await run(
    options.mvn,
    [
      '--batch-mode',
      '--no-transfer-progress',
      '--quiet',
      '--file',
      manifestFile(source.pom),
      `-DoutputFolder=${output}`,
      'package',
    ],
    {
      ...context,
      env: {
        JAVA_HOME: options.javaHome,
        MAVEN_OPTS: [process.env['MAVEN_OPTS'], MAVEN_OPTS].filter(Boolean).join(' '),
      },
    },
  );
  await compareWithLock(output, manifestFile(source.lock));
  await rename(join(output, 'jars'), join(context.folder, 'jars'));
  await unpackArchives(join(output, 'archives'), context);
}

/** Lines of `<sha256>  <path>`, as `sha256sum` writes them. */
export function parseChecksums(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return new Map(
    lines.map((line) => {
      const [hash, path] = line.split(/\s+/, 2);
      return [path ?? '', hash ?? ''];
    }),
  );
}

/** Refuses artefacts that differ from the lock, are not in it, or are missing. */
export async function compareWithLock(output: string, lockFile: string): Promise<void> {
  const expected = parseChecksums(await readFile(lockFile, 'utf8'));
  const found = new Set<string>();
  const wrong: string[] = [];
  for (const folder of ['jars', 'archives']) {
    for (const name of await readdir(join(output, folder))) {
      const path = `${folder}/${name}`;
      found.add(path);
      const hash = expected.get(path);
      if (hash === undefined) wrong.push(`${path} is not in the lock`);
      else if (digest(await readFile(join(output, path))) !== hash) wrong.push(`${path} differs`);
    }
  }
  for (const path of expected.keys()) if (!found.has(path)) wrong.push(`${path} was not fetched`);
  if (wrong.length === 0) return;
  throw new ProvisionError([
    {
      pkg: 'jvm-servers',
      code: 'checksum-mismatch',
      message: `what Maven fetched is not what ${lockFile} pins: ${wrong.slice(0, 5).join('; ')}`,
      fix: 'delete the named artefacts from the local Maven repository and run again',
    },
  ]);
}

async function unpackArchives(archives: string, context: InstallContext): Promise<void> {
  const target = join(context.folder, 'registry');
  await mkdir(target);
  for (const name of await readdir(archives)) {
    await run('tar', ['-xzf', join(archives, name), '-C', target], context);
  }
}
