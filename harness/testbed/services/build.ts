/** The build command of a manifest, run before its program starts: usually a compiler. */
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PACKAGE_ROOT } from '../../kernel/package-assets.ts';
import { deadline, orAborted } from '../../kernel/poll.ts';
import type { ProgressEvent } from '../progress.ts';
import { type Child, readLogTail, startChild } from '../providers/native/child.ts';
import { describeExit } from '../providers/provider.ts';
import { openBuildJournal, sweepBuilds } from './build-journal.ts';
import { type LoadedManifest, ManifestError } from './manifest.ts';
import { nodePath } from './node-path.ts';
import { requireProgram } from './program.ts';

/** A cold cache, a slow line and a busy machine: a compiler fetches all that it needs first. */
const BUILD_TIMEOUT_MS = 20 * 60_000;
/** How long a compiler may take to end once it is asked to. */
const GRACE_MS = 2_000;

export interface BuildOptions {
  /** Where the output of builds is kept. */
  readonly logsFolder: string;
  readonly onProgress?: (event: ProgressEvent) => void;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** How progress calls the build of a service. */
const buildName = (service: string): string => `build of ${service}`;

/** Names of the builds that manifests ask for. */
export const plannedBuilds = (manifests: readonly LoadedManifest[]): string[] =>
  manifests.flatMap(({ manifest }) => (manifest.build ? [buildName(manifest.service)] : []));

/**
 * Runs the build of each manifest that has one, one after another: compilers use every core. What
 * `command` starts has to be there then.
 *
 * @throws ManifestError with the command, how it ended, and the end of its output
 */
export async function buildSubjects(
  subjects: readonly LoadedManifest[],
  options: BuildOptions,
): Promise<void> {
  for (const loaded of subjects) {
    const { build, command } = loaded.manifest;
    if (build) await reported(loaded, options, () => runBuild(loaded, build, options));
    if (command) requireProgram(loaded, 'command', command);
  }
}

async function reported(
  { manifest }: LoadedManifest,
  { onProgress, signal }: BuildOptions,
  work: () => Promise<void>,
): Promise<void> {
  const resource = buildName(manifest.service);
  const startedAt = performance.now();
  const report = (phase: ProgressEvent['phase']) => {
    const elapsedMs = Math.round(performance.now() - startedAt);
    onProgress?.({ seq: 0, at: new Date().toISOString(), resource, phase, elapsedMs });
  };
  report('starting');
  try {
    await work();
  } catch (error) {
    signal?.throwIfAborted();
    report('failed');
    throw error;
  }
  report('ready');
}

async function runBuild(
  loaded: LoadedManifest,
  command: readonly string[],
  options: BuildOptions,
): Promise<void> {
  const { file, folder, manifest } = loaded;
  const program = requireProgram(loaded, 'build', command);
  const { timeoutMs = BUILD_TIMEOUT_MS } = options;
  const line = command.join(' ');
  const logFile = join(options.logsFolder, `build-${manifest.service}.log`);
  mkdirSync(options.logsFolder, { recursive: true });
  rmSync(logFile, { force: true });
  using limit = deadline(`\`${line}\``, timeoutMs, options.signal);
  limit.signal.throwIfAborted();
  appendFileSync(logFile, `$ ${line}\n`);
  await sweepBuilds(options.logsFolder);
  using journal = openBuildJournal(options.logsFolder);
  const child = await startChild(
    {
      id: buildName(manifest.service),
      kind: 'service',
      command: [program, ...command.slice(1)],
      cwd: resolve(folder, manifest.cwd),
      env: { ...buildEnv(), ...journal.env },
      logFile,
      graceMs: GRACE_MS,
    },
    journal,
  );
  const failed = (how: string, cause?: unknown) =>
    new ManifestError(
      `${file}: build: \`${line}\` ${how} (whole output: ${logFile})\n${readLogTail(logFile)}`,
      { cause },
    );
  try {
    const exit = await orAborted(child.exited, limit.signal);
    if (exit.code !== 0) throw failed(describeExit(exit));
  } catch (error) {
    await endWithChildren(child);
    if (!limit.signal.aborted || options.signal?.aborted) throw error;
    throw failed(`took longer than ${timeoutMs / 1_000} s and was ended`, error);
  }
}

/** The user's own, and where proto/, avro/ and contracts/ are to generate code from. */
const buildEnv = (): Record<string, string> => ({
  ...(process.env as Record<string, string>),
  PATH: nodePath(),
  SAGAPROOF: PACKAGE_ROOT,
});

/** A compiler starts other processes, and not all of them end with it. */
async function endWithChildren(child: Child): Promise<void> {
  await child.stop();
  try {
    process.kill(-child.identity.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
