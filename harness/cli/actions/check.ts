import colors from 'picocolors';
import { EXIT_CODES } from '../../invariants/check.ts';
import { checkFile } from '../../invariants/check-file.ts';
import { renderText } from '../../report/render-text.ts';
import { result, resultJson } from '../output.ts';

/** `sagaproof check`: judges a recorded history. */
export function check(history: string, options: { readonly json?: boolean }): void {
  const verdict = checkFile(history);
  if (options.json) resultJson(verdict);
  else result(renderText(verdict, colors));
  process.exitCode = EXIT_CODES[verdict.verdict];
}
