/**
 * Entry of the thread that scenarios run in. They share the process with the CLI and its witnesses,
 * but not the event loop: a scenario that blocks it or throws outside of any promise harms no
 * recording, and can be ended.
 */
import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';
import type { PlayerData } from './player-messages.ts';

enableCompileCache((workerData as PlayerData).compileCache);
const { startPlayer } = await import('./player-loop.ts');
startPlayer(workerData as PlayerData);
