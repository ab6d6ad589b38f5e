import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { deadline, orAborted } from '../kernel/poll.ts';
import { workspaceFolder } from '../kernel/workspace.ts';

/** V8 stops a busy loop soon, on a busy machine too; a call into native code may never stop. */
const PAUSE_MS = 10_000;

interface CallFrame {
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number };
}

/** A place in a module, innermost first in a list of them. */
export interface CodePlace {
  /** Absolute. */
  readonly path: string;
  /** For people: `scenarios/x.ts:12 (play)`. */
  readonly text: string;
}

/**
 * Where a thread is that does not return to its event loop. It stays paused if it can be paused:
 * terminate it afterwards. Empty if it is in native code.
 */
export async function blockedAt(thread: Worker): Promise<readonly CodePlace[]> {
  const session = new Session();
  session.connect();
  using limit = deadline('pausing the thread', PAUSE_MS);
  const debugging: Debugging = { release: async () => undefined };
  try {
    return await orAborted(pausedPlaces(session, thread, debugging), limit.signal);
  } catch {
    // Given up on its way to the pause: it may still pause, and then it could not be terminated.
    void debugging.release().catch(() => undefined);
    return [];
  } finally {
    session.disconnect();
  }
}

interface Debugging {
  /** Lets the thread go on, also if it pauses later. */
  release: () => Promise<unknown>;
}

async function pausedPlaces(
  session: Session,
  thread: Worker,
  debugging: Debugging,
): Promise<readonly CodePlace[]> {
  const attached = Promise.withResolvers<string>();
  const paused = Promise.withResolvers<readonly CallFrame[]>();
  const scripts = new Map<string, string>();
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    // Its `workerId` is a counter of the inspector's own.
    const isIt = params.workerInfo.title.startsWith(`[worker ${thread.threadId}]`);
    if (isIt) attached.resolve(params.sessionId);
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const { method, params: about } = JSON.parse(params.message);
    if (method === 'Debugger.scriptParsed') scripts.set(about.scriptId, about.url);
    if (method === 'Debugger.paused') paused.resolve(about.callFrames);
  });
  await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const sessionId = await attached.promise;
  let id = 0;
  const send = (method: string) => {
    const message = JSON.stringify({ id: ++id, method });
    return session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
  };
  debugging.release = () => send('Debugger.disable');
  await send('Debugger.enable');
  await send('Debugger.pause');
  const frames = await paused.promise;
  // A thread that is paused by a debugger cannot be terminated.
  await debugging.release();
  return frames.flatMap(({ functionName, location }) => {
    const url = scripts.get(location.scriptId) ?? '';
    if (!url.startsWith('file:')) return [];
    const path = fileURLToPath(url);
    const place = `${relative(workspaceFolder(), path)}:${location.lineNumber + 1}`;
    return [{ path, text: functionName === '' ? place : `${place} (${functionName})` }];
  });
}
