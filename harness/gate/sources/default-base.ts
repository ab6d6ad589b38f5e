import { readFileSync } from 'node:fs';
import { GateError } from '../error.ts';
import { git, mustGit } from './git-command.ts';

/** Names of the branch that deployments come from, the likeliest first. */
const MAIN_BRANCHES = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master', 'trunk'];

/** A commit to compare with, and why it was chosen. */
export interface Base {
  readonly commit: string;
  readonly why: string;
}

/**
 * What a change is compared with when nothing is asked for: where its branch left the main
 * branch; on the main branch itself, the last commit, or with a clean working tree the one
 * before it, because a commit that is compared with itself never breaks anything.
 */
export async function defaultBaseOf(root: string): Promise<Base> {
  const head = (await mustGit(root, ['rev-parse', 'HEAD'], {})).stdout.trim();
  for (const branch of [...targetBranches(), ...MAIN_BRANCHES]) {
    const { stdout, failed } = await git(root, ['merge-base', branch, 'HEAD'], {});
    const commit = stdout.trim();
    if (failed || commit === '') continue;
    if (commit !== head) return { commit, why: `the merge base with ${branch}` };
    if (await isOn(root, branch)) break;
    return { commit, why: `HEAD, where ${branch} is` };
  }
  const { stdout: status } = await mustGit(root, ['status', '--porcelain'], {});
  if (status.trim() !== '') return { commit: head, why: 'HEAD' };
  return (await beforeOf(root)) ?? { commit: head, why: 'HEAD, the first commit' };
}

/** Whether HEAD is that branch, or no branch at all, as in CI. */
async function isOn(root: string, branch: string): Promise<boolean> {
  const { stdout, failed } = await git(root, ['symbolic-ref', '--short', 'HEAD'], {});
  if (failed) return true;
  const own = await git(root, ['rev-parse', '--abbrev-ref', branch], {});
  return [branch, own.stdout.trim()].some((it) => it.replace(/^origin\//, '') === stdout.trim());
}

/** The state before a push: as CI names it, else the parent of HEAD. */
async function beforeOf(root: string): Promise<Base | undefined> {
  for (const commit of pushedOver()) {
    const ancestor = ['merge-base', '--is-ancestor', commit, 'HEAD'];
    const { failed } = await git(root, ancestor, {});
    if (!failed) return { commit, why: 'the commit before the push' };
  }
  const { stdout, failed } = await git(root, ['rev-parse', '--verify', 'HEAD^'], {});
  if (!failed) return { commit: stdout.trim(), why: 'the commit before HEAD' };
  const shallow = await git(root, ['rev-parse', '--is-shallow-repository'], {});
  if (shallow.stdout.trim() !== 'true') return undefined;
  throw new GateError('the clone has one commit only, so there is nothing to compare with', {
    code: 'gate-source-unavailable',
    fix: 'fetch the history (git fetch --unshallow; in CI, fetch-depth: 0) or pass --base',
  });
}

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
