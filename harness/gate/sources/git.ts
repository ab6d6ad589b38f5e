import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GateError } from '../error.ts';
import { entriesOf, notFetched, SUBMODULE, writeContracts } from './contract-files.ts';
import { type Base, defaultBaseOf } from './default-base.ts';
import { git, mustGit } from './git-command.ts';
import { folderTree, type Hidden, type Tree } from './tree.ts';

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
    const { stdout, failed } = await git(folder, ['rev-parse', '--show-toplevel'], {});
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
    const { stdout, failed } = await git(this.root, verify, {});
    if (!failed) return stdout.trim();
    throw new GateError(`git knows no commit "${ref}" in ${this.root}`, {
      code: 'unknown-name',
      fix: `fetch it (git fetch origin ${ref}; in CI, fetch-depth: 0) or pass another with --base`,
    });
  }

  /** What a change is compared with when nothing is asked for. */
  defaultBase(): Promise<Base> {
    return defaultBaseOf(this.root);
  }

  /** Paths of the files that git knows. */
  async tracked(): Promise<string[]> {
    const entries = await entriesOf(this.root);
    return entries.filter(({ mode }) => mode !== SUBMODULE).map(({ path }) => path);
  }

  /** The files on disk. */
  async workingTree(): Promise<Tree> {
    const entries = await entriesOf(this.root);
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
      const hidden = await writeContracts(this.root, await entriesOf(this.root), target, {});
      return { label: 'what is staged', hidden };
    }
    const commit = await this.commitOf(source.ref);
    // A separate index: the user's index is not changed.
    const env = { GIT_INDEX_FILE: join(folder, 'index') };
    await mustGit(this.root, ['read-tree', commit], env);
    const hidden = await writeContracts(this.root, await entriesOf(this.root, env), target, env);
    const short = commit.slice(0, 7);
    if (source.why !== undefined) return { label: `${source.why} (${short})`, hidden };
    return { label: commit.startsWith(source.ref) ? short : `${source.ref} (${short})`, hidden };
  }

  /** Every text that a file had up to a commit, the newest first, each text once. */
  async versionsOf(path: string, ref: string): Promise<Array<{ commit: string; text: string }>> {
    const log = ['log', '--format=%H', '--end-of-options', ref, '--', path];
    const { stdout } = await mustGit(this.root, log, {});
    const versions: Array<{ commit: string; text: string }> = [];
    for (const commit of stdout.split('\n').filter((line) => line !== '')) {
      const shown = await git(this.root, ['show', `${commit}:${path}`], {});
      if (shown.failed || versions.some(({ text }) => text === shown.stdout)) continue;
      versions.push({ commit: commit.slice(0, 7), text: shown.stdout });
    }
    return versions;
  }
}
