import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';
import { envOption, subjectOption } from '../subject-option.ts';

export function addMatrix(program: Command): void {
  program
    .command('matrix')
    .description('hit every step of every saga with every fault and check how each order ends')
    .option('--saga <glob>', 'only cells of these sagas')
    .option('--step <glob>', 'only cells of these steps')
    .option('--service <glob>', 'only cells in which the fault hits these services')
    .option('--boundary <glob>', 'only cells at these boundaries')
    .option('--fault <glob>', 'only cells with these faults')
    .option('--link <glob>', 'only cells with a fault of these links')
    .option('--pairs', 'two faults in each cell: the second during the recovery from the first')
    .option('--sample <n>', 'only n cells, chosen by the seed so that all kinds occur')
    .option('--seed <text>', 'random seed; a new one is generated when omitted')
    .option('--resume <run>', 'play only what this run has not passed')
    .option('--list', 'list the cells and play none')
    .option('--keep', 'keep the stack running afterwards')
    .option('--fresh', 'boot a new stack even if a compatible one is already running')
    .addOption(subjectOption())
    .addOption(envOption())
    .option('--config <file>', 'configuration file (default: sagaproof.config.ts in this folder)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A cell passes if its fault was seen to hit its operation and the order then ended as it should. A
fault that hit nothing makes it inconclusive.

Exit code: 0 valid, 1 invalid, 2 unknown.

Examples:
  $ pnpm sagaproof matrix --list
  $ pnpm sagaproof matrix --service payment --fault kill
  $ pnpm sagaproof matrix --sample 60 --subject ../my-payment/sagaproof.service.yaml
  $ pnpm sagaproof matrix --pairs --sample 40 --seed 5f3c1a --json > matrix.json
`,
    )
    .action(lazyAction(async () => (await import('../actions/matrix.ts')).playMatrix));
}
