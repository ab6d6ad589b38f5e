/** What a manifest has run before its program can be started: a compiler, most of the time. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from '../provision/run.ts';
import type { ProgressEvent } from '../testbed/progress.ts';
import { type LoadedManifest, loadManifest, ManifestError } from './manifest.ts';
import { nodePath } from './node-path.ts';

/** A cold cache on a slow line: a compiler that fetches all that it needs first. */
const BUILD_TIMEOUT_MS = 10 * 60_000;

export interface BuildOptions {
  /** Where the output of builds is kept. */
  readonly logsFolder: string;
  readonly onProgress?: (event: ProgressEvent) => void;
  readonly signal?: AbortSignal;
}

/** How progress calls the build of a service. */
const buildName = (service: string): string => `build of ${service}`;

/** Names of the builds that manifests ask for. */
export const plannedBuilds = (manifests: readonly LoadedManifest[]): string[] =>
  manifests.flatMap(({ manifest }) => (manifest.build ? [buildName(manifest.service)] : []));

/**
 * Runs the build of each manifest that has one, one after another: compilers use every core.
 *
 * @throws ManifestError with the command, how it ended, and the end of what it said
 */
export async function buildSubjects(
  paths: readonly string[],
  options: BuildOptions,
): Promise<void> {
  for (const path of paths) {
    const loaded = loadManifest(path);
    if (loaded.manifest.build) await build(loaded, loaded.manifest.build, options);
  }
}

async function build(
  { file, folder, manifest }: LoadedManifest,
  [program = '', ...args]: readonly string[],
  options: BuildOptions,
): Promise<void> {
  const resource = buildName(manifest.service);
  const startedAt = performance.now();
  const tell = (phase: ProgressEvent['phase']) => {
    const elapsedMs = Math.round(performance.now() - startedAt);
    options.onProgress?.({ seq: 0, at: new Date().toISOString(), resource, phase, elapsedMs });
  };
  tell('starting');
  mkdirSync(options.logsFolder, { recursive: true });
  try {
    await run(program, args, {
      cwd: resolve(folder, manifest.cwd),
      env: { PATH: nodePath() },
      log: join(options.logsFolder, `build-${manifest.service}.log`),
      signal: options.signal ?? new AbortController().signal,
      timeoutMs: BUILD_TIMEOUT_MS,
    });
  } catch (cause) {
    options.signal?.throwIfAborted();
    tell('failed');
    throw new ManifestError(`${file}: build: ${(cause as Error).message}`, { cause });
  }
  tell('ready');
}
