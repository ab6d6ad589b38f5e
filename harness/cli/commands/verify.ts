import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** Options that every command has that runs the system. */
function withRunOptions(command: Command): Command {
  return command
    .option(
      '--seed <text>',
      'repeats what scenarios choose by chance; another one each time when absent',
    )
    .option('--keep', 'leave the system running afterwards')
    .option('--fresh', 'a new system, even where one that would do is running')
    .option('--subject <manifest>', 'an implementation to put in (repeatable)', collect, [])
    .option('--config <file>', 'a sagaproof.config.ts other than the one in this folder')
    .addOption(jsonOption());
}

export function addVerify(program: Command): void {
  withRunOptions(
    program
      .command('verify')
      .description('boot the whole system, play every scenario, judge the history'),
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
    .action(later(async () => (await import('../actions/verify.ts')).verifyAll));
}

export function addScenario(program: Command): void {
  withRunOptions(
    program
      .command('scenario [names...]')
      .description('play single scenarios, by name or glob, and judge what they did')
      .option('--list', 'the names of all scenarios'),
  )
    .addHelpText(
      'after',
      `
A promise that the chosen scenarios give no occasion to break is told, and does not count.

Examples:
  $ pnpm sagaproof scenario happy-path
  $ pnpm sagaproof scenario 'cancel-*' --keep
  $ pnpm sagaproof scenario --list
`,
    )
    .action(later(async () => (await import('../actions/verify.ts')).playScenarios));
}
