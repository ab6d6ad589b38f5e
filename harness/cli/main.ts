#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../provision/cache-folder.ts';

// Types are stripped and modules compiled once; later commands start in half the time.
enableCompileCache(join(cacheFolder(), 'compile'));
const { run } = await import('./program.ts');
const { letListenersGo, written } = await import('../terminal/output.ts');
letListenersGo();
const exitCode = await run(process.argv.slice(2));
// A reader that is slower than we are gets everything all the same.
await written();
// A client of a system that went away may go on looking for it: nobody waits for that.
process.exit(exitCode);
