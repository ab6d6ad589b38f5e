import { relative } from 'node:path';
import type { RunVerdict } from '../checker/check.ts';
import { renderText } from '../report/render-text.ts';
import type { RecordedRun } from '../runner/verification.ts';
import { paints } from '../terminal/output.ts';

/** The arguments of a run, to print the command that repeats it. */
interface RunArguments {
  readonly patterns: readonly string[];
  readonly subjects: readonly string[];
  readonly env?: readonly string[];
}

/** Renders the end of a run: verdict, location of the report, command that repeats the run. */
export function renderVerdict(
  verdict: RunVerdict,
  recorded: RecordedRun,
  { again, stack }: { readonly again: string; readonly stack: boolean },
): string {
  const folder = relative(process.cwd(), recorded.runFolder);
  const seconds = (recorded.durationMs / 1_000).toFixed(1);
  const lines = [
    renderText(stack ? withTraces(verdict, recorded) : verdict, paints),
    `Finished in ${seconds} s. Report: ${folder}/report.html (history.jsonl, logs/ and verdict.json in the same directory)`,
  ];
  if (verdict.verdict !== 'valid') lines.push(`Repeat with: ${again}`);
  return lines.join('\n');
}

/** The same verdict, with all that is known of each failed scenario. */
function withTraces(verdict: RunVerdict, { scenarios }: RecordedRun): RunVerdict {
  const traces = new Map(scenarios.map(({ name, trace }) => [name, trace]));
  return {
    ...verdict,
    scenarios: verdict.scenarios.map((scenario) => {
      const trace = traces.get(scenario.name);
      return trace === undefined ? scenario : { ...scenario, message: trace };
    }),
  };
}

/** The command that repeats a run with the same seed. */
export function repeating(seed: string, { patterns, subjects, env = [] }: RunArguments): string {
  const what = patterns.length === 0 ? 'verify' : `scenario ${patterns.map(quoted).join(' ')}`;
  const more = [
    ...subjects.map((path) => ` --subject ${path}`),
    ...env.map((variable) => ` --env '${variable}'`),
  ].join('');
  return `pnpm sagaproof ${what} --seed ${seed}${more}`;
}

/** Quotes a glob, so that the shell does not expand it. */
const quoted = (pattern: string): string => (/[*?]/.test(pattern) ? `'${pattern}'` : pattern);
