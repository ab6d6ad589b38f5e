import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { git, mustGit } from './git-command.ts';
import type { Hidden } from './tree.ts';

/** Endings of contracts; nothing else is taken out of a commit, but everything in contracts/. */
const ENDINGS = [
  '.proto',
  '.avsc',
  '.avdl',
  '.avpr',
  '.yaml',
  '.yml',
  '.json',
  'buf.lock',
] as const;
const ALL_BELOW = 'contracts/';
const LINK = '120000';
/** The mode of a submodule in an index. */
export const SUBMODULE = '160000';

/** An entry of a commit or of the index. */
interface Entry {
  readonly mode: string;
  readonly id: string;
  readonly path: string;
}

/** The entries of an index; default: the user's. */
export async function entriesOf(root: string, env: NodeJS.ProcessEnv = {}): Promise<Entry[]> {
  const { stdout } = await mustGit(root, ['ls-files', '--stage', '-z'], env);
  return stdout
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', id = ''] = line.slice(0, tab).split(' ');
      return { mode, id, path: line.slice(tab + 1) };
    });
}

/** Writes the contracts among some entries; returns why others have no content. */
export async function writeContracts(
  root: string,
  entries: readonly Entry[],
  target: string,
  env: NodeJS.ProcessEnv,
): Promise<Map<string, Hidden>> {
  const wanted = entries.filter((entry) => isContract(entry));
  const paths = wanted.map(({ path }) => path).join('\0');
  const prefix = `--prefix=${target}/`;
  await mustGit(root, ['checkout-index', '-z', '--stdin', prefix], env, paths);
  const hidden = new Map<string, Hidden>();
  for (const { mode, path, id } of entries) {
    if (mode === SUBMODULE) {
      const isThere = await writeSubmodule(join(root, path), id, join(target, path));
      if (!isThere) hidden.set(path, notFetched(path, id));
    }
  }
  for (const { path, id } of wanted.filter(({ mode }) => mode === LINK)) {
    const file = join(target, path);
    const isInside = existsSync(file) && realpathSync(file).startsWith(realpathSync(target));
    if (isInside || !/(^|\/)[^./]+$|\.(proto|avsc|avdl|ya?ml|json)$/.test(path)) continue;
    hidden.set(path, { id, reason: `${path} is a link to something outside of the commit` });
    rmSync(file, { force: true });
  }
  return hidden;
}

/** Writes a commit of a submodule, if its repository has it. */
async function writeSubmodule(
  repository: string,
  commit: string,
  target: string,
): Promise<boolean> {
  if (!existsSync(join(repository, '.git'))) return false;
  const { failed } = await git(repository, ['cat-file', '-e', `${commit}^{commit}`], {});
  if (failed) return false;
  mkdirSync(target, { recursive: true });
  const index = join(mkdtempSync(join(tmpdir(), 'sagaproof-index-')), 'index');
  try {
    const env = { GIT_INDEX_FILE: index };
    await mustGit(repository, ['read-tree', commit], env);
    await writeContracts(repository, await entriesOf(repository, env), target, env);
    return true;
  } finally {
    rmSync(dirname(index), { recursive: true, force: true });
  }
}

/** A submodule that nothing is known of but its commit. */
export const notFetched = (path: string, id: string): Hidden => ({
  id,
  reason: `${path} is a submodule whose commit ${id.slice(0, 7)} is not here (git submodule update --init)`,
});

const isContract = ({ mode, path }: Entry): boolean =>
  mode !== SUBMODULE &&
  !path.includes('node_modules/') &&
  (mode === LINK || path.startsWith(ALL_BELOW) || ENDINGS.some((ending) => path.endsWith(ending)));
