import { type Command, Option } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';
import { envOption, subjectOption } from '../subject-option.ts';

/** Options of every command that runs scenarios. */
function withRunOptions(command: Command): Command {
  return command
    .option('--seed <text>', 'random seed; a new one is generated when omitted')
    .option('--keep', 'keep the stack running afterwards')
    .option('--fresh', 'boot a new stack even if a compatible one is already running')
    .addOption(subjectOption())
    .addOption(envOption())
    .option('--config <file>', 'configuration file (default: sagaproof.config.ts in this folder)')
    .option('--fail-fast', 'play no further scenario after the first failure')
    .option('--stack', 'show where in the code of the harness a scenario failed, too')
    .addOption(jsonOption());
}

export function addVerify(program: Command): void {
  withRunOptions(
    program
      .command('verify')
      .description('boot the stack, run all scenarios, check all invariants')
      .addOption(
        new Option('--matrix <cells>', 'how much of the fault matrix is played afterwards')
          .choices(['none', 'sample', 'full'])
          .default('sample'),
      ),
  )
    .addHelpText(
      'after',
      `
Exit code: 0 valid, 1 invalid, 2 unknown.

Examples:
  $ pnpm sagaproof verify
  $ pnpm sagaproof verify --subject ../my-order/sagaproof.service.yaml
  $ pnpm sagaproof verify --seed 5f3c1a --json > verdict.json
`,
    )
    .action(lazyAction(async () => (await import('../actions/verify.ts')).verifyAll));
}

export function addScenario(program: Command): void {
  withRunOptions(
    program
      .command('scenario [names...]')
      .description('run scenarios by name or glob and check the invariants that they exercise')
      .option('--list', 'list all scenarios'),
  )
    .addHelpText(
      'after',
      `
Invariants that the selected scenarios do not exercise are reported but do not affect the exit code.

Exit code: 0 valid, 1 invalid, 2 unknown.

Examples:
  $ pnpm sagaproof scenario happy-path
  $ pnpm sagaproof scenario 'cancel-*' --keep
  $ pnpm sagaproof scenario --list
`,
    )
    .action(lazyAction(async () => (await import('../actions/verify.ts')).playScenarios));
}
