/** One thread of a load run: `workerData` says what it does. */
import { workerData } from 'node:worker_threads';
import type { LoadWork } from './messages.ts';
import { publishUpdates } from './publisher.ts';
import { serveSockets } from './sockets.ts';

const work = workerData as LoadWork;
await (work.role === 'sockets' ? serveSockets(work) : publishUpdates(work));
