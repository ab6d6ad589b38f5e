import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { GateError } from '../error.ts';
import { folderTree, type Hidden, type Tree } from './tree.ts';

/** Endings of contracts; nothing else is taken out of a commit, but everything in contracts/. */
const ENDINGS = ['.proto', '.avsc', '.avdl', '.avpr', '.yaml', '.yml', '.json'] as const;
const ALL_BELOW = 'contracts/';
const LINK = '120000';
const SUBMODULE = '160000';
/** Names of the branch that deployments come from, the likeliest first. */
const MAIN_BRANCHES = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master', 'trunk'];
const GIT_TIMEOUT_MS = 20_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** A tree that git wrote into a temporary folder, which dispose removes. */
export interface CheckedOut extends Disposable {
  readonly tree: Tree;
}

/** A commit to compare with, and why it was chosen. */
export interface Base {
  readonly commit: string;
  readonly why: string;
}

/** An entry of a commit or of the index. */
interface Entry {
  readonly mode: string;
  readonly id: string;
  readonly path: string;
}

/** The git repository of the contracts. */
export class GitRepository {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** Throws a {@link GateError} when the folder is in no git repository. */
  static async at(folder: string): Promise<GitRepository> {
    const { stdout, failed } = await run(folder, ['rev-parse', '--show-toplevel'], {});
    if (failed) {
      throw new GateError(`${folder} is not in a git repository: the gate compares with a commit`, {
        code: 'usage',
        file: folder,
        fix: 'run it in a clone, or pass the path of one with --repo',
      });
    }
    return new GitRepository(stdout.trim());
  }

  /** The commit's full id. Throws a {@link GateError} for a ref that git does not know. */
  async commitOf(ref: string): Promise<string> {
    const verify = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
    const { stdout, failed } = await run(this.root, verify, {});
    if (!failed) return stdout.trim();
    throw new GateError(`git knows no commit "${ref}" in ${this.root}`, {
      code: 'unknown-name',
      fix: `fetch it (git fetch origin ${ref}; in CI, fetch-depth: 0) or pass another with --base`,
    });
  }

  /**
   * What a change is compared with when nothing is asked for: where its branch left the main
   * branch; on the main branch itself, the last commit, or with a clean working tree the one
   * before it, because a commit that is compared with itself never breaks anything.
   */
  async defaultBase(): Promise<Base> {
    const head = await this.commitOf('HEAD');
    for (const branch of [...targetBranches(), ...MAIN_BRANCHES]) {
      const { stdout, failed } = await run(this.root, ['merge-base', branch, 'HEAD'], {});
      const commit = stdout.trim();
      if (failed || commit === '') continue;
      if (commit !== head) return { commit, why: `the merge base with ${branch}` };
      if (await this.#isOn(branch)) break;
      return { commit, why: `HEAD, where ${branch} is` };
    }
    const { stdout: status } = await must(this.root, ['status', '--porcelain'], {});
    if (status.trim() !== '') return { commit: head, why: 'HEAD' };
    return (await this.#before()) ?? { commit: head, why: 'HEAD, the first commit' };
  }

  /** Whether HEAD is that branch, or no branch at all, as in CI. */
  async #isOn(branch: string): Promise<boolean> {
    const { stdout, failed } = await run(this.root, ['symbolic-ref', '--short', 'HEAD'], {});
    if (failed) return true;
    const own = await run(this.root, ['rev-parse', '--abbrev-ref', branch], {});
    return [branch, own.stdout.trim()].some((it) => it.replace(/^origin\//, '') === stdout.trim());
  }

  /** The state before a push: as CI names it, else the parent of HEAD. */
  async #before(): Promise<Base | undefined> {
    for (const commit of pushedOver()) {
      const ancestor = ['merge-base', '--is-ancestor', commit, 'HEAD'];
      const { failed } = await run(this.root, ancestor, {});
      if (!failed) return { commit, why: 'the commit before the push' };
    }
    const { stdout, failed } = await run(this.root, ['rev-parse', '--verify', 'HEAD^'], {});
    if (!failed) return { commit: stdout.trim(), why: 'the commit before HEAD' };
    const shallow = await run(this.root, ['rev-parse', '--is-shallow-repository'], {});
    if (shallow.stdout.trim() !== 'true') return undefined;
    throw new GateError('the clone has one commit only, so there is nothing to compare with', {
      code: 'gate-source-unavailable',
      fix: 'fetch the history (git fetch --unshallow; in CI, fetch-depth: 0) or pass --base',
    });
  }

  /** The files on disk. */
  async workingTree(): Promise<Tree> {
    const entries = await this.#entries('index');
    const hidden = new Map<string, Hidden>();
    for (const { mode, path, id } of entries) {
      if (mode !== SUBMODULE) continue;
      const isThere = existsSync(join(this.root, path, '.git'));
      if (!isThere) hidden.set(path, notFetched(path, id));
    }
    return folderTree(this.root, 'the working tree', hidden);
  }

  /** The contracts of a commit, or of the index (what `git commit` would take). */
  async checkOut(source: { ref: string; why?: string } | 'index'): Promise<CheckedOut> {
    const folder = mkdtempSync(join(tmpdir(), 'sagaproof-gate-'));
    const dispose = () => rmSync(folder, { recursive: true, force: true });
    try {
      const { label, hidden } = await this.#fill(source, folder);
      return { tree: folderTree(join(folder, 'tree'), label, hidden), [Symbol.dispose]: dispose };
    } catch (error) {
      dispose();
      throw error;
    }
  }

  async #fill(source: { ref: string; why?: string } | 'index', folder: string) {
    const target = join(folder, 'tree');
    mkdirSync(target);
    if (source === 'index') {
      const hidden = await this.#write(this.root, await this.#entries('index'), target, {});
      return { label: 'what is staged', hidden };
    }
    const commit = await this.commitOf(source.ref);
    // A separate index: the user's index is not changed.
    const env = { GIT_INDEX_FILE: join(folder, 'index') };
    await must(this.root, ['read-tree', commit], env);
    const hidden = await this.#write(this.root, await this.#entries(env), target, env);
    const short = commit.slice(0, 7);
    if (source.why !== undefined) return { label: `${source.why} (${short})`, hidden };
    return { label: commit.startsWith(source.ref) ? short : `${source.ref} (${short})`, hidden };
  }

  /** The entries of an index. */
  async #entries(env: NodeJS.ProcessEnv | 'index', root = this.root): Promise<Entry[]> {
    const list = ['ls-files', '--stage', '-z'];
    const { stdout } = await must(root, list, env === 'index' ? {} : env);
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
  async #write(
    root: string,
    entries: readonly Entry[],
    target: string,
    env: NodeJS.ProcessEnv,
  ): Promise<Map<string, Hidden>> {
    const wanted = entries.filter((entry) => isContract(entry));
    const paths = wanted.map(({ path }) => path).join('\0');
    const prefix = `--prefix=${target}/`;
    await must(root, ['checkout-index', '-z', '--stdin', prefix], env, paths);
    const hidden = new Map<string, Hidden>();
    for (const { mode, path, id } of entries) {
      if (mode === SUBMODULE) {
        const isThere = await this.#submodule(join(root, path), id, join(target, path));
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
  async #submodule(repository: string, commit: string, target: string): Promise<boolean> {
    if (!existsSync(join(repository, '.git'))) return false;
    const { failed } = await run(repository, ['cat-file', '-e', `${commit}^{commit}`], {});
    if (failed) return false;
    mkdirSync(target, { recursive: true });
    const index = join(mkdtempSync(join(tmpdir(), 'sagaproof-index-')), 'index');
    try {
      const env = { GIT_INDEX_FILE: index };
      await must(repository, ['read-tree', commit], env);
      await this.#write(repository, await this.#entries(env, repository), target, env);
      return true;
    } finally {
      rmSync(dirname(index), { recursive: true, force: true });
    }
  }

  /** Every text that a file had up to a commit, the newest first, each text once. */
  async versionsOf(path: string, ref: string): Promise<Array<{ commit: string; text: string }>> {
    const log = ['log', '--format=%H', '--end-of-options', ref, '--', path];
    const { stdout } = await must(this.root, log, {});
    const versions: Array<{ commit: string; text: string }> = [];
    for (const commit of stdout.split('\n').filter((line) => line !== '')) {
      const shown = await run(this.root, ['show', `${commit}:${path}`], {});
      if (shown.failed || versions.some(({ text }) => text === shown.stdout)) continue;
      versions.push({ commit: commit.slice(0, 7), text: shown.stdout });
    }
    return versions;
  }
}

const notFetched = (path: string, id: string): Hidden => ({
  id,
  reason: `${path} is a submodule whose commit ${id.slice(0, 7)} is not here (git submodule update --init)`,
});

const isContract = ({ mode, path }: Entry): boolean =>
  mode !== SUBMODULE &&
  !path.includes('node_modules/') &&
  (mode === LINK || path.startsWith(ALL_BELOW) || ENDINGS.some((ending) => path.endsWith(ending)));

/** The branch that a change is to be merged into, where CI says so. */
function targetBranches(): string[] {
  const { GITHUB_BASE_REF: github, CI_MERGE_REQUEST_TARGET_BRANCH_NAME: gitlab } = process.env;
  return [github, gitlab].filter((name) => name).flatMap((name) => [`origin/${name}`, `${name}`]);
}

/** The commits that a push went over, where CI says so. */
function pushedOver(): string[] {
  const { GITHUB_EVENT_PATH: file, CI_COMMIT_BEFORE_SHA: gitlab } = process.env;
  let github: unknown;
  try {
    github = file ? (JSON.parse(readFileSync(file, 'utf8')) as { before?: unknown }).before : '';
  } catch {
    // Not the file of a push event: another way to find the base follows.
  }
  return [github, gitlab].filter(
    (commit): commit is string => typeof commit === 'string' && /[1-9a-f]/.test(commit),
  );
}

async function must(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv, input = '') {
  const done = await run(cwd, args, env, input);
  if (!done.failed) return done;
  throw new GateError(`git ${args[0]} failed in ${cwd}: ${done.stderr.trim() || 'no message'}`, {
    code: 'gate-source-unavailable',
  });
}

async function run(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv, input = '') {
  try {
    const done = await execa('git', args, {
      cwd,
      env,
      input,
      reject: false,
      timeout: GIT_TIMEOUT_MS,
      maxBuffer: OUTPUT_BYTES_MAX,
      stripFinalNewline: false,
    });
    if (done.code === 'ENOENT') {
      throw new GateError(
        existsSync(cwd) ? 'git is not installed, or not on PATH' : `there is no folder ${cwd}`,
        existsSync(cwd) ? { code: 'tool-missing' } : { code: 'file-unreadable', file: cwd },
      );
    }
    return { stdout: done.stdout, stderr: done.stderr, failed: done.failed };
  } catch (error) {
    if (error instanceof ExecaError) throw new GateError(`git ${args[0]}: ${error.shortMessage}`);
    throw error;
  }
}
