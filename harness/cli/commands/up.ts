import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';
import { envOption, subjectOption } from '../subject-option.ts';

export function addUp(program: Command): void {
  program
    .command('up')
    .description('boot a stack, or reuse a running one, and keep it running')
    .option('--fresh', 'boot a new stack even if a compatible one is already running')
    .addOption(subjectOption())
    .addOption(envOption())
    .option('--config <file>', 'configuration file (default: sagaproof.config.ts in this folder)')
    .option('--only <name...>', 'only these components and their dependencies')
    .option('--wire', 'links go through the wire proxy, which decodes their protocols')
    .option('--eyes', 'run Prometheus with the alerts of observability/ until Ctrl-C')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ pnpm sagaproof up
  $ pnpm sagaproof up --subject ../my-order/sagaproof.service.yaml
  $ pnpm sagaproof up --only kafka registry
  $ pnpm sagaproof up --eyes
`,
    )
    .action(lazyAction(async () => (await import('../actions/up.ts')).up));
}
