/**
 * The process that owns a stack: `node supervisor.ts <run folder>`. It starts everything, hosts
 * the small servers, takes orders over a Unix socket, and takes everything down on order, when it
 * is signalled, or when the process that owns the stack ends (its IPC channel closes).
 */
import { renameSync, writeFileSync } from 'node:fs';
import type { AddressBook } from '../kernel/address-book.ts';
import { openJournal } from '../kernel/journal.ts';
import { identify } from '../kernel/process-identity.ts';
import { removeData, runPaths } from '../kernel/run-folder.ts';
import { startControlServer } from './control-server.ts';
import { createProgressLog } from './progress-log.ts';
import { reservePorts } from './providers/native/ports.ts';
import { readSpec } from './spec.ts';
import { createSupervision, describeFailure } from './supervision.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

async function main(folder: string): Promise<void> {
  const paths = runPaths(folder);
  const spec = readSpec(paths.spec);
  const journal = openJournal(paths.processes);
  const identity = identify(process.pid);
  if (!identity) throw new Error('the supervisor cannot see itself in the process table');
  const naming = { id: 'supervisor', kind: 'supervisor' as const, identity };
  journal.append({ event: 'started', ...naming });
  const progress = createProgressLog();
  await using ports = await reservePorts();
  const supervision = createSupervision({ paths, spec, journal, ports, progress });
  const ending = Promise.withResolvers<void>();
  const down = (): Promise<void> => {
    const done = supervision.down();
    void done.then(ending.resolve, ending.resolve);
    return done;
  };
  const control = await startControlServer(paths.controlSocket, { ...supervision.orders, down });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, down);
  if (spec.owned) process.once('disconnect', down);
  process.once('uncaughtException', (error) => {
    console.error(error);
    process.exitCode = EXIT_FAILED;
    void down();
  });
  process.send?.('listening');
  let failure: unknown;
  try {
    await supervision.boot((book) => writeBook(paths.addressBook, book));
    progress.add('stack', 'ready', { elapsedMs: Math.round(performance.now()) });
    await ending.promise;
  } catch (error) {
    console.error(error);
    process.exitCode = EXIT_FAILED;
    failure = error;
    // A boot that failed has done so already; a stack that came up and cannot be used has not.
    await supervision.down().catch(console.error);
  }
  removeData(paths);
  // The process that booted the stack may ask only after this one has ended.
  if (failure !== undefined) writeFailure(paths.failure, failure);
  progress.close();
  await control[Symbol.asyncDispose]();
  journal.append({
    event: 'exited',
    ...naming,
    code: Number(process.exitCode ?? 0),
    expected: true,
  });
}

/** On a full disk the failure is only in the progress events. */
function writeFailure(file: string, failure: unknown): void {
  try {
    writeFileSync(file, describeFailure(failure));
  } catch (error) {
    console.error(error);
  }
}

/** Whole or not at all; only for this user, because it holds passwords of the run's databases. */
function writeBook(file: string, book: AddressBook): void {
  const next = `${file}.next`;
  writeFileSync(next, `${JSON.stringify(book, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}

const [, , folder] = process.argv;
if (folder === undefined) {
  console.error('usage: supervisor.ts <run folder>');
  process.exit(EXIT_USAGE);
}
try {
  await main(folder);
} catch (error) {
  console.error(error);
  process.exitCode = EXIT_FAILED;
}
process.exit();
