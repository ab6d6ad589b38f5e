import { Command, CommanderError } from 'commander';
import type { ErrorDescription } from '../kernel/errors.ts';
import { VERSION } from '../kernel/version.ts';
import { EXIT, printError, resultJson } from '../terminal/output.ts';
import { addCheck } from './commands/check.ts';
import { addContracts } from './commands/contracts.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDown } from './commands/down.ts';
import { addEventstore } from './commands/eventstore.ts';
import { addGate } from './commands/gate.ts';
import { addHunt, addReplay } from './commands/hunt.ts';
import { addInit } from './commands/init.ts';
import { addLoad } from './commands/load.ts';
import { addLogs } from './commands/logs.ts';
import { addMatrix } from './commands/matrix.ts';
import { addStatus } from './commands/status.ts';
import { addUp } from './commands/up.ts';
import { addScenario, addVerify } from './commands/verify.ts';

const EXAMPLES = `
Examples:
  $ pnpm sagaproof verify                  boot the stack, run everything, print a verdict
  $ pnpm sagaproof scenario happy-path     one scenario and its verdict
  $ pnpm sagaproof matrix --sample 60      faults between the steps of sagas
  $ pnpm sagaproof load                    load with correctness checked meanwhile
  $ pnpm sagaproof up                      boot the stack and keep it running
  $ pnpm sagaproof status                  running stacks and their health
  $ pnpm sagaproof logs kafka --follow     follow the log of a server or service
  $ pnpm sagaproof down                    stop the stack
  $ pnpm sagaproof contracts verify        consumer-driven contract tests
  $ pnpm sagaproof gate --base main        is this change safe to deploy?
  $ pnpm sagaproof eventstore --data ./es  a light EventStoreDB for tests
`;

/** Creates the command line; parsing arguments runs a command. */
export function createProgram(): Command {
  const program = new Command('sagaproof')
    .description('Verify event-driven backends: contracts, sagas, faults')
    .version(VERSION)
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(run with --help for usage)')
    .exitOverride();
  for (const add of [
    addInit,
    addVerify,
    addScenario,
    addMatrix,
    addHunt,
    addReplay,
    addLoad,
    addUp,
    addDown,
    addStatus,
    addLogs,
    addDoctor,
    addCheck,
    addContracts,
    addGate,
    addEventstore,
  ]) {
    add(program);
  }
  return program;
}

function usageError(message: string): ErrorDescription {
  const [what = '', hint] = message.replace(/^error: /, '').split('\n');
  return {
    code: 'usage',
    message: what,
    fix: hint?.replace(/^\((.*)\)$/, '$1') ?? 'run the command with --help for its usage',
  };
}

/** Runs one command line; resolves with the exit code and never rejects. */
export async function run(args: readonly string[]): Promise<number> {
  const program = createProgram();
  process.exitCode = EXIT.ok;
  try {
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode);
  } catch (error) {
    const json = args.includes('--json');
    if (!(error instanceof CommanderError)) printError(error, json);
    else if (error.exitCode === 0) return EXIT.ok;
    // Commander has already printed it on standard error.
    else if (json) resultJson({ error: usageError(error.message) });
    return EXIT.unable;
  }
}
