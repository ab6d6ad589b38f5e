import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

/** `SAGAPROOF_CACHE_DIR`, else the platform's cache folder (XDG on Linux) under our name. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['SAGAPROOF_CACHE_DIR'];
  return named ? resolve(named) : envPaths('sagaproof', { suffix: '' }).cache;
}

/** Finished pieces: one folder each, named by piece and key, put there whole by a rename. */
export function entryFolder(cache: string, piece: string, key: string): string {
  return join(cache, 'pieces', `${piece}-${key}`);
}

/** Unfinished work: removed by the next run that works on the same piece. */
export function workFolder(cache: string): string {
  return join(cache, 'unfinished');
}

export function lockFile(cache: string, piece: string): string {
  return join(cache, 'locks', piece);
}

/** What the tools that install a piece printed, for reading after a failure. */
export function logFile(cache: string, piece: string): string {
  return join(cache, 'logs', `${piece}.log`);
}
