import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressBook } from '../../kernel/address-book.ts';
import { runningStacks } from '../../testbed/stack.ts';
import { GateError } from '../error.ts';

/** Where a stack's servers are: of the named run folder, or of the newest stack that runs. */
export function addressBookOf(runFolder: string | undefined): AddressBook {
  const file =
    runFolder === undefined
      ? runningStacks()[0]?.addressBook
      : join(runFolder, 'address-book.json');
  if (file !== undefined && existsSync(file)) {
    return JSON.parse(readFileSync(file, 'utf8')) as AddressBook;
  }
  throw new GateError(
    runFolder === undefined ? 'no stack is running' : `${runFolder} has no address book`,
    {
      code: 'stack-unavailable',
      fix:
        runFolder === undefined
          ? 'boot a stack with sagaproof up (to record messages, run sagaproof verify on it first)'
          : 'pass the run folder of a running stack (sagaproof status lists them)',
    },
  );
}
