import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';

const HELP = `
Exit code: 0 valid, 1 invalid, 2 unknown (or the file is not a history).

Examples:
  $ pnpm sagaproof check runs/latest/history.jsonl
  $ pnpm sagaproof check runs/latest/history.jsonl --json | jq .verdict
  $ pnpm sagaproof check old/history.jsonl --report old
`;

export function addCheck(program: Command): void {
  program
    .command('check <history>')
    .description('check all invariants against a recorded history')
    .option('--report <folder>', 'write verdict.json, junit.xml and report.html to this folder')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(lazyAction(async () => (await import('../actions/check.ts')).check));
}
