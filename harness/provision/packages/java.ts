import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { findOnPath } from '../../kernel/child-command.ts';
import type { JavaRuntime } from '../installation.ts';

const VERSION_TIMEOUT_MS = 20_000;

/** Folders whose children are JDKs, by convention of packagers and of SDKMAN. */
const JDK_FOLDERS = [
  { folder: '/usr/lib/jvm', home: '' },
  { folder: '/Library/Java/JavaVirtualMachines', home: 'Contents/Home' },
  { folder: join(homedir(), '.sdkman/candidates/java'), home: '' },
] as const;

/**
 * The JDK of the machine to use: JAVA_HOME when it is new enough, else the first of the preferred
 * version, else the newest that is new enough, else undefined.
 */
export async function findMachineJava(
  wanted: { readonly minimum: number; readonly preferred: number },
  env: NodeJS.ProcessEnv = process.env,
): Promise<JavaRuntime | undefined> {
  const named = env['JAVA_HOME'] ? await describeJava(env['JAVA_HOME']) : undefined;
  if (named !== undefined && named.major >= wanted.minimum) return named;
  const found: JavaRuntime[] = [];
  for (const home of await candidateHomes(env)) {
    const java = await describeJava(home);
    if (java === undefined || java.major < wanted.minimum) continue;
    if (java.major >= wanted.preferred) return java;
    found.push(java);
  }
  return found.sort((a, b) => b.major - a.major)[0];
}

async function candidateHomes(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const homes: string[] = [];
  const onPath = await findOnPath('java', env);
  if (onPath !== undefined) homes.push(dirname(dirname(realpathSync(onPath))));
  for (const { folder, home } of JDK_FOLDERS) {
    for (const name of listed(folder)) homes.push(join(folder, name, home));
  }
  return [...new Set(homes.map(real))];
}

/** A Java home's version, out of its `release` file, or by asking the binary where it has none. */
export async function describeJava(
  home: string,
  source: JavaRuntime['source'] = 'machine',
): Promise<JavaRuntime | undefined> {
  const binary = join(home, 'bin', 'java');
  const version = versionFromRelease(home) ?? (await versionFromBinary(binary));
  if (version === undefined) return undefined;
  const major = majorOf(version);
  return Number.isNaN(major) ? undefined : { home, binary, version, major, source };
}

/** 25 of `25.0.3`, and 8 of `1.8.0_402`. */
export function majorOf(version: string): number {
  const [first, second] = version.split('.');
  return Number.parseInt((first === '1' ? second : first) ?? '', 10);
}

function versionFromRelease(home: string): string | undefined {
  try {
    // A release file without its binary is a package that was removed by halves.
    realpathSync(join(home, 'bin', 'java'));
    return /^JAVA_VERSION="([^"]+)"/m.exec(readFileSync(join(home, 'release'), 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

async function versionFromBinary(binary: string): Promise<string | undefined> {
  const result = await execa(binary, ['-version'], {
    reject: false,
    all: true,
    timeout: VERSION_TIMEOUT_MS,
  });
  return /version "([^"]+)"/.exec(result.all ?? '')?.[1];
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort().reverse();
  } catch {
    return [];
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
