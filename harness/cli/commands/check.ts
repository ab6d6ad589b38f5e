import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

const HELP = `
Exit code: 0 valid, 1 invalid, 2 unknown (or the file is no history).

Examples:
  $ pnpm sagaproof check runs/latest/history.jsonl
  $ pnpm sagaproof check runs/latest/history.jsonl --json | jq .verdict
`;

export function addCheck(program: Command): void {
  program
    .command('check <history>')
    .description('hold a recorded history to every invariant, without running anything')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(later(async () => (await import('../actions/check.ts')).check));
}
