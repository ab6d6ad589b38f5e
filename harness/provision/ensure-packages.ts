import { dirname } from 'node:path';
import { type Problem, ProvisionError, problemsOf } from './error.ts';
import {
  asInstalled,
  ensurePackage,
  type Installed,
  type InstalledPackage,
  inspectPackage,
  type Package,
  type ProvisionEvent,
} from './package.ts';
import { touchEntry } from './prune.ts';

export interface EnsurePackagesOptions {
  readonly cache: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ProvisionEvent) => void;
}

/** Splits packages, in the order of their needs, into installed and missing ones. */
export function inspectPackages(
  packages: readonly Package[],
  cache: string,
): { readonly installed: Map<string, InstalledPackage>; readonly missing: readonly Package[] } {
  const installed = new Map<string, InstalledPackage>();
  const missing: Package[] = [];
  for (const pkg of packages) {
    // Without its needs a package has no key yet, and will hardly be there.
    const known = pkg.needs.every((name) => installed.has(name));
    const found = known ? inspectPackage(pkg, cache, installed) : { state: 'missing' as const };
    if (found.state === 'ok') installed.set(pkg.name, asInstalled(found));
    else missing.push(pkg);
  }
  return { installed, missing };
}

/** Installs every package as soon as its needs are installed; reports all problems together. */
export async function ensurePackages(
  packages: readonly Package[],
  options: EnsurePackagesOptions,
): Promise<Installed> {
  const { installed, missing } = inspectPackages(packages, options.cache);
  await Promise.all([...installed.values()].map(({ folder }) => touchEntry(dirname(folder))));
  if (missing.length === 0) return installed;
  await refuseLacks(missing);
  options.onEvent({ kind: 'plan', packages: missing.map(({ name, title }) => ({ name, title })) });
  const problems: Problem[] = [];
  const work = new Map<string, Promise<void>>();
  for (const pkg of missing) {
    work.set(pkg.name, ensureAfterNeeds(pkg, { ...options, installed, problems, work }));
  }
  await Promise.all(work.values());
  if (options.signal.aborted) throw interrupted(options.signal.reason);
  const [first, ...rest] = problems;
  if (first !== undefined) throw new ProvisionError([first, ...rest]);
  return installed;
}

function interrupted(cause: unknown): ProvisionError {
  const message = 'the installation was interrupted';
  const fix = 'run the same command again; finished work is kept';
  return new ProvisionError([{ pkg: 'provisioning', code: 'interrupted', message, fix }], {
    cause,
  });
}

async function ensureAfterNeeds(
  pkg: Package,
  options: EnsurePackagesOptions & {
    readonly installed: Map<string, InstalledPackage>;
    readonly problems: Problem[];
    readonly work: ReadonlyMap<string, Promise<void>>;
  },
): Promise<void> {
  const { installed, problems, onEvent } = options;
  await Promise.all(pkg.needs.map((name) => options.work.get(name)));
  const lacking = pkg.needs.find((name) => !installed.has(name));
  if (lacking !== undefined) {
    onEvent({ kind: 'skipped', pkg: pkg.name, because: `${lacking} is not there` });
    return;
  }
  try {
    installed.set(pkg.name, await ensurePackage(pkg, options));
  } catch (error) {
    const found = problemsOf(pkg.name, error, options.cache);
    onEvent({ kind: 'failed', pkg: pkg.name, problems: found });
    if (!pkg.optional) problems.push(...found);
  }
}

/** Reports all missing tools of the machine together, before anything is installed. */
async function refuseLacks(missing: readonly Package[]): Promise<void> {
  const lacks = await Promise.all(missing.map(async (pkg) => (await pkg.lacks?.()) ?? []));
  const [first, ...rest] = lacks.flat();
  if (first !== undefined) throw new ProvisionError([first, ...rest]);
}
