import { resolve } from 'node:path';
import type { Command } from 'commander';
import { EXIT_CODES } from '../../invariants/check.ts';
import { judgeRun } from '../../run/judge.ts';
import { pickScenarios, scenarioNames } from '../../run/run-scenarios.ts';
import { recordRun } from '../../run/verification.ts';
import { bootWithProgress, interruption } from '../boot.ts';
import { jsonOption } from '../json-option.ts';
import { note, result, resultJson } from '../output.ts';
import { createScenarioView } from '../scenario-view.ts';
import { renderVerdict } from '../verdict-view.ts';

interface VerifyOptions {
  readonly seed?: string;
  readonly keep?: boolean;
  readonly fresh?: boolean;
  readonly subject: readonly string[];
  readonly config?: string;
  readonly json?: boolean;
  readonly list?: boolean;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** Options that every command has that runs the system. */
function withRunOptions(command: Command): Command {
  return command
    .option('--seed <text>', 'the seed of the run; another one each time when absent')
    .option('--keep', 'leave the system running afterwards')
    .option('--fresh', 'a new system, even where one that would do is running')
    .option('--subject <manifest>', 'an implementation to put in (repeatable)', collect, [])
    .option('--config <file>', 'a sagaproof.config.ts other than the one in this folder')
    .addOption(jsonOption());
}

export function addVerify(program: Command): void {
  withRunOptions(
    program
      .command('verify')
      .description('boot the whole system, play every scenario, judge the history'),
  )
    .addHelpText(
      'after',
      `
Exit code: 0 valid, 1 invalid, 2 unknown.

Examples:
  $ pnpm sagaproof verify
  $ pnpm sagaproof verify --subject ../my-order/sagaproof.service.yaml
  $ pnpm sagaproof verify --seed 5f3c1a --json > verdict.json
`,
    )
    .action((options: VerifyOptions) => verify([], options, false));
}

export function addScenario(program: Command): void {
  withRunOptions(
    program
      .command('scenario [names...]')
      .description('play single scenarios, by name or glob, and judge what they did')
      .option('--list', 'the names of all scenarios'),
  )
    .addHelpText(
      'after',
      `
A promise that the chosen scenarios give no occasion to break is told, and does not count.

Examples:
  $ pnpm sagaproof scenario happy-path
  $ pnpm sagaproof scenario 'cancel-*' --keep
  $ pnpm sagaproof scenario --list
`,
    )
    .action(async (names: readonly string[], options: VerifyOptions) => {
      if (options.list) {
        result(scenarioNames().join('\n'));
        return;
      }
      if (names.length === 0) {
        throw new Error('which scenario? `pnpm sagaproof scenario --list` shows them all');
      }
      await verify(names, options, true);
    });
}

async function verify(
  patterns: readonly string[],
  options: VerifyOptions,
  selection: boolean,
): Promise<void> {
  // A wrong name costs no boot.
  const scenarios = pickScenarios(patterns);
  using interrupted = interruption();
  const stack = await bootWithProgress({
    keep: options.keep === true,
    subjects: options.subject.map((path) => resolve(path)),
    signal: interrupted.signal,
    ...(options.fresh ? { fresh: true } : {}),
    ...(options.config ? { config: options.config } : {}),
  });
  const view = createScenarioView(scenarios);
  try {
    const recorded = await recordRun({
      stack,
      scenarios,
      onLine: view.onLine,
      onPhase: view.onPhase,
      signal: interrupted.signal,
      ...(options.seed ? { seed: options.seed } : {}),
    }).finally(view.close);
    interrupted.signal.throwIfAborted();
    const verdict = await judgeRun(recorded, { selection });
    if (options.json) resultJson(verdict);
    else result(renderVerdict(verdict, recorded, { patterns, subjects: options.subject }));
    process.exitCode = EXIT_CODES[verdict.verdict];
  } finally {
    if (stack.owned) {
      note('taking the system down');
      await stack.down();
    }
  }
}
