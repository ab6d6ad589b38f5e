import { Command, CommanderError } from 'commander';
import { VERSION } from '../kernel/version.ts';
import { EXIT, resultJson, tellError } from '../terminal/output.ts';
import { addCheck } from './commands/check.ts';
import { addContracts } from './commands/contracts.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDown } from './commands/down.ts';
import { addGate } from './commands/gate.ts';
import { addLogs } from './commands/logs.ts';
import { addStatus } from './commands/status.ts';
import { addUp } from './commands/up.ts';
import { addScenario, addVerify } from './commands/verify.ts';

const EXAMPLES = `
Examples:
  $ pnpm sagaproof verify                  is everything as promised?
  $ pnpm sagaproof scenario happy-path     one story, and what it did
  $ pnpm sagaproof up                      boot the whole system and keep it
  $ pnpm sagaproof status                  what runs, and whether it is healthy
  $ pnpm sagaproof logs kafka --follow     the log of one server or service
  $ pnpm sagaproof down                    take it down
  $ pnpm sagaproof contracts verify        do services keep what their consumers count on?
  $ pnpm sagaproof gate --base main        can this be deployed beside what runs?
`;

/** The command line with all its commands; parsing it runs them. */
export function createProgram(): Command {
  const program = new Command('sagaproof')
    .description('Puts an event-driven backend on trial')
    .version(VERSION)
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride();
  for (const add of [
    addVerify,
    addScenario,
    addUp,
    addDown,
    addStatus,
    addLogs,
    addDoctor,
    addCheck,
    addContracts,
    addGate,
  ]) {
    add(program);
  }
  return program;
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
    if (!(error instanceof CommanderError)) tellError(error, json);
    else if (error.exitCode === 0) return EXIT.ok;
    // Commander has told it on standard error.
    else if (json) resultJson({ error: error.message.replace(/^error: /, '') });
    return EXIT.unable;
  }
}
