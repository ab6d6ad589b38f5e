import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

const HELP = `
Exit code: 0 valid, 1 invalid, 2 unknown (or the file is no history).

Examples:
  $ pnpm sagaproof check runs/latest/history.jsonl
  $ pnpm sagaproof check runs/latest/history.jsonl --json | jq .verdict
  $ pnpm sagaproof check old/history.jsonl --report old
`;

export function addCheck(program: Command): void {
  program
    .command('check <history>')
    .description('hold a recorded history to every invariant, without running anything')
    .option('--report <folder>', 'write verdict.json, junit.xml and report.html there')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(later(async () => (await import('../actions/check.ts')).check));
}
