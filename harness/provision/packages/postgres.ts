import { chown, cp, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { killedWithParent, run } from '../../kernel/child-command.ts';
import { ProvisionError } from '../error.ts';
import type { RunAs } from '../installation.ts';
import { currentPlatform, type SourceOf } from '../manifest.ts';
import type { InstallContext } from '../package.ts';

/** Any id but 0 does: inside the user namespace it is the owner of what root owns outside. */
const NAMESPACE_ID = 1000;
/** The id of the unprivileged user where /etc/passwd does not list it. */
const UNPRIVILEGED_ID = 65_534;

/** The folder of the npm package for this platform, or undefined when pnpm installed none. */
export function postgresPackageFolder(source: SourceOf<'npm'>): string | undefined {
  const name = source.package.replace('<platform>', currentPlatform());
  try {
    // The package exports its main file only, in dist/.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    return undefined;
  }
}

/**
 * Copies the package's programs and puts the links between its libraries back, which npm cannot
 * carry and whose install script pnpm does not run. A copy, so that no running Postgres depends
 * on a checkout's node_modules.
 */
export async function installPostgres(folder: string, context: InstallContext): Promise<void> {
  const native = join(folder, 'native');
  await cp(native, context.folder, { recursive: true, preserveTimestamps: true });
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const at = join(context.folder, relative('native', target));
    await symlink(relative(dirname(target), source), at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** How this user runs Postgres, which refuses root. */
async function decideRunAs(): Promise<RunAs> {
  if (process.geteuid?.() !== 0) return { prefix: [] };
  const prefix = ['unshare', `--map-user=${NAMESPACE_ID}`, `--map-group=${NAMESPACE_ID}`, '--'];
  const [command = '', ...args] = [...prefix, 'true'];
  const trial = await execa(command, args, { reject: false });
  if (!trial.failed) return { prefix };
  const ids = await idsOf(['postgres', 'nobody']);
  return { prefix: [], ...ids };
}

async function idsOf(users: readonly string[]): Promise<{ uid: number; gid: number }> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  for (const user of users) {
    const found = new RegExp(`^${user}:[^:]*:(\\d+):(\\d+):`, 'm').exec(passwd);
    if (found) return { uid: Number(found[1]), gid: Number(found[2]) };
  }
  return { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID };
}

/** Small: every boot copies the result, and its write-ahead log is not needed later. */
export const INITDB_OPTIONS: readonly string[] = [
  ...['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
  ...['--wal-segsize=1', '-c', 'min_wal_size=2MB', '-c', 'wal_recycle=off'],
  ...['-c', 'wal_init_zero=off'],
];

/** Runs initdb once; a copy of its result is a new server in a fifth of a second. */
export async function makeTemplate(
  binFolder: string,
  context: InstallContext,
): Promise<Readonly<Record<string, string>>> {
  const runAs = await decideRunAs();
  const { uid, gid } = runAs;
  const data = context.folder;
  const initdb = join(binFolder, 'initdb');
  const command = [...runAs.prefix, initdb, '-D', data, ...INITDB_OPTIONS] as [string, ...string[]];
  if (uid === undefined || gid === undefined) {
    await run(command[0], command.slice(1), context);
  } else {
    await chown(data, uid, gid);
    const [file, ...args] = await killedWithParent(command);
    const result = await execa(file, args, {
      uid,
      gid,
      reject: false,
      all: true,
      cancelSignal: context.signal,
    });
    context.signal.throwIfAborted();
    if (result.failed) throw cannotEnter(data, uid, result.all ?? result.message ?? '');
  }
  return { runAs: JSON.stringify(runAs), user: currentUser() };
}

function cannotEnter(data: string, uid: number, output: string): ProvisionError {
  return new ProvisionError([
    {
      pkg: 'postgres-template',
      code: 'install-failed',
      message: `root's Postgres runs as user ${uid} here, and initdb failed in ${data}: ${output}`,
      fix: 'set SAGAPROOF_CACHE_DIR to a folder that every user may enter, or do not work as root',
    },
  ]);
}

/** Postgres data belongs to one user; another one's template is of no use. */
export function currentUser(): string {
  return String(process.geteuid?.() ?? -1);
}
