import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

/** `SAGAPROOF_CACHE_DIR`, else the platform's cache folder (XDG on Linux) under our name. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['SAGAPROOF_CACHE_DIR'];
  return named ? resolve(named) : envPaths('sagaproof', { suffix: '' }).cache;
}

/**
 * Finished packages: one folder each, named by package and key, put there whole by a rename.
 * `pieces` is the name that existing caches have.
 */
export function entryFolder(cache: string, pkg: string, key: string): string {
  return join(cache, 'pieces', `${pkg}-${key}`);
}

/** Unfinished work: removed by the next run that works on the same package. */
export function workFolder(cache: string): string {
  return join(cache, 'unfinished');
}

export function lockFile(cache: string, pkg: string): string {
  return join(cache, 'locks', pkg);
}

/** What the tools that install a package printed, for reading after a failure. */
export function logFile(cache: string, pkg: string): string {
  return join(cache, 'logs', `${pkg}.log`);
}
