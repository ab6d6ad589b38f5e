import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** One line of the reporter: what became of a scenario. */
export type ScenarioLine =
  | { readonly event: 'started'; readonly name: string }
  | {
      readonly event: 'ended';
      readonly name: string;
      readonly outcome: 'passed' | 'failed' | 'partial';
      readonly durationMs: number;
      readonly claims: string;
      readonly message?: string;
    };

/** How the note begins of a scenario that a subject's missing feature keeps from being played. */
export const PARTIAL = 'partial: ';

/** Scenario titles are `<name>: <claim>`. */
const split = (title: string): { name: string; claims: string } => {
  const at = title.indexOf(': ');
  return at === -1
    ? { name: title, claims: title }
    : { name: title.slice(0, at), claims: title.slice(at + 2) };
};

/**
 * Vitest reporter of the process that runs the scenarios: one JSON object a line on stdout, for the
 * verification that started it. A file that does not load, and a test that was skipped, are failed
 * scenarios.
 */
// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by its default export.
export default class ScenarioReporter implements Reporter {
  onTestCaseReady(test: TestCase): void {
    say({ event: 'started', name: split(test.name).name });
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    const { state, errors } = result;
    const note = result.state === 'skipped' ? result.note : undefined;
    const message =
      note ??
      errors?.map((error) => error.stack ?? error.message).join('\n') ??
      (state === 'passed' ? undefined : `the scenario was ${state}`);
    say({
      event: 'ended',
      ...split(test.name),
      outcome: state === 'passed' ? 'passed' : note?.startsWith(PARTIAL) ? 'partial' : 'failed',
      durationMs: test.diagnostic()?.duration ?? 0,
      ...(message === undefined ? {} : { message }),
    });
  }

  onTestModuleEnd(module: TestModule): void {
    const errors = module.errors();
    if (errors.length === 0) return;
    const name = module.moduleId.replace(/^.*\//, '').replace(/(\.exclusive)?\.scenario.*$/, '');
    say({
      event: 'ended',
      name,
      claims: 'the file loads',
      outcome: 'failed',
      durationMs: 0,
      message: errors.map((error) => error.stack ?? error.message).join('\n'),
    });
  }
}

function say(line: ScenarioLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
