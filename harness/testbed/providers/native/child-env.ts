import { join } from 'node:path';
import { CHILD_LOCALE } from '../../../kernel/child-locale.ts';
import type { RunPaths } from '../../../kernel/run-folder.ts';
import type { StackContext } from '../../stack-context.ts';

/** The least a server needs: where programs are, and what marks it as ours. */
export function childEnv(paths: RunPaths, more: Readonly<Record<string, string>> = {}) {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: process.env['HOME'] ?? paths.data,
    TZ: 'UTC',
    ...CHILD_LOCALE,
    ...marker(paths),
    ...more,
  };
}

/** Where Node keeps compiled modules. */
export const compileCache = (context: StackContext): Record<string, string> =>
  context.untuned ? {} : { NODE_COMPILE_CACHE: join(context.installation.cacheFolder, 'compile') };

/** In the environment of every child, so that its leftovers are known from other processes. */
const marker = (paths: RunPaths) => ({ SAGAPROOF_RUN_ID: paths.runId });
