import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function addUp(program: Command): void {
  program
    .command('up')
    .description('boot the whole system, or use the one that runs, and keep it')
    .option('--fresh', 'a new one, even where one that would do is running')
    .option('--subject <manifest>', 'an implementation to put in (repeatable)', collect, [])
    .option('--config <file>', 'a sagaproof.config.ts other than the one in this folder')
    .option('--only <name...>', 'only these pieces and what they need')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ pnpm sagaproof up
  $ pnpm sagaproof up --subject ../my-order/sagaproof.service.yaml
  $ pnpm sagaproof up --only kafka registry
`,
    )
    .action(later(async () => (await import('../actions/up.ts')).up));
}
