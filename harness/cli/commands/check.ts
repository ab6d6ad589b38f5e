import type { Command } from 'commander';
import colors from 'picocolors';
import { EXIT_CODES } from '../../invariants/check.ts';
import { checkFile } from '../../invariants/check-file.ts';
import { renderText } from '../../report/render-text.ts';
import { jsonOption } from '../json-option.ts';
import { result, resultJson } from '../output.ts';

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
    .action(check);
}

function check(history: string, options: { readonly json?: boolean }): void {
  const verdict = checkFile(history);
  if (options.json) resultJson(verdict);
  else result(renderText(verdict, colors));
  process.exitCode = EXIT_CODES[verdict.verdict];
}
