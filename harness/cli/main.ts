#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../provision/cache-folder.ts';

// Keeps compiled modules on disk: later commands start in half the time.
enableCompileCache(join(cacheFolder(), 'compile'));
const { run } = await import('./program.ts');
const { flushOutput, handleOutputErrors } = await import('../terminal/output.ts');
handleOutputErrors();
const exitCode = await run(process.argv.slice(2));
// A slow reader gets the whole output.
await flushOutput();
// Clients of a stopped stack may still be reconnecting; do not wait for them.
process.exit(exitCode);
