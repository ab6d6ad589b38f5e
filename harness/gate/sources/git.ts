import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { GateError } from '../error.ts';
import { folderTree, type Tree } from './tree.ts';

/** Folders that the gate reads; nothing else is taken out of a commit. */
const FOLDERS = ['proto', 'avro', 'contracts'] as const;
const GIT_TIMEOUT_MS = 20_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** A tree that git wrote into a temporary folder, which dispose removes. */
export interface CheckedOut extends Disposable {
  readonly tree: Tree;
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

  /** The merge base of main; HEAD without a main. */
  async defaultBase(): Promise<string> {
    for (const main of ['origin/main', 'main']) {
      const { stdout, failed } = await run(this.root, ['merge-base', main, 'HEAD'], {});
      if (!failed && stdout.trim() !== '') return stdout.trim();
    }
    return this.commitOf('HEAD');
  }

  /** The contracts of a commit, or of the index (what `git commit` would take). */
  async checkOut(source: { ref: string } | 'index'): Promise<CheckedOut> {
    const folder = mkdtempSync(join(tmpdir(), 'sagaproof-gate-'));
    const dispose = () => rmSync(folder, { recursive: true, force: true });
    try {
      const label = await this.#fill(source, folder);
      return { tree: folderTree(join(folder, 'tree'), label), [Symbol.dispose]: dispose };
    } catch (error) {
      dispose();
      throw error;
    }
  }

  async #fill(source: { ref: string } | 'index', folder: string): Promise<string> {
    const prefix = `--prefix=${join(folder, 'tree')}/`;
    const listed = ['ls-files', '-z', '--', ...FOLDERS];
    if (source === 'index') {
      const { stdout } = await must(this.root, listed, {});
      await must(this.root, ['checkout-index', '-z', '--stdin', prefix], {}, stdout);
      return 'what is staged';
    }
    const commit = await this.commitOf(source.ref);
    // A separate index: the user's index is not changed.
    const env = { GIT_INDEX_FILE: join(folder, 'index') };
    await must(this.root, ['read-tree', commit], env);
    const { stdout } = await must(this.root, listed, env);
    await must(this.root, ['checkout-index', '-z', '--stdin', prefix], env, stdout);
    const short = commit.slice(0, 7);
    return commit.startsWith(source.ref) ? short : `${source.ref} (${short})`;
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
