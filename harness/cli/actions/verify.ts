import { randomBytes } from 'node:crypto';
import { inSequence } from '../../../chaos/matrix/in-sequence.ts';
import { writeMatrix } from '../../../chaos/matrix/judge-matrix.ts';
import { EXIT_CODES } from '../../checker/check.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { judgeRun } from '../../runner/judge.ts';
import { loadProject } from '../../runner/project.ts';
import { pickScenarios } from '../../runner/scenario-files.ts';
import { Scenarios } from '../../runner/scenarios.ts';
import { recordRun } from '../../runner/verification.ts';
import { result, resultJson } from '../../terminal/output.ts';
import { loadConfig } from '../../testbed/config.ts';
import { loadSubjects } from '../../testbed/services/subjects.ts';
import { bootWithProgress, takeDownIfOwned } from '../boot.ts';
import { interruption } from '../interruption.ts';
import { type MatrixExtent, matrixWithin } from '../matrix-within.ts';
import { createScenarioView } from '../scenario-view.ts';
import { renderVerdict, repeating } from '../verdict-view.ts';

interface VerifyOptions {
  readonly seed?: string;
  readonly keep?: boolean;
  readonly fresh?: boolean;
  readonly subject: readonly string[];
  readonly env: readonly string[];
  readonly config?: string;
  readonly json?: boolean;
  readonly list?: boolean;
  readonly failFast?: boolean;
  readonly stack?: boolean;
  /** Of `verify` only. */
  readonly matrix?: MatrixExtent;
}

/** `sagaproof verify`: every scenario. */
export const verifyAll = (options: VerifyOptions): Promise<void> => verify([], options, false);

/** `sagaproof scenario`: those that are named, or their names. */
export async function playScenarios(
  names: readonly string[],
  options: VerifyOptions,
): Promise<void> {
  if (options.list) {
    const project = await loadProject(await loadConfig(options.config));
    const scenarios = project.scenarios.map(({ name }) => name);
    if (options.json) resultJson({ scenarios });
    else result(scenarios.join('\n'));
    return;
  }
  if (names.length === 0) {
    throw new SagaproofError('usage', 'no scenario is named', {
      fix: 'list them with pnpm sagaproof scenario --list',
    });
  }
  await verify(names, options, true);
}

async function verify(
  patterns: readonly string[],
  options: VerifyOptions,
  selection: boolean,
): Promise<void> {
  // Before the boot: a wrong name is reported at once, and modules load while the stack starts.
  const project = await loadProject(await loadConfig(options.config));
  const files = pickScenarios(project.scenarios, patterns);
  await using scenarios = new Scenarios(files);
  const seed = options.seed ?? randomBytes(6).toString('hex');
  const { matrix = 'none' } = options;
  using interrupted = interruption();
  const stack = await bootWithProgress({
    keep: options.keep === true,
    subjects: loadSubjects(options.subject, options.env),
    signal: interrupted.signal,
    eitherWire: true,
    ...(matrix === 'none' ? {} : { wire: true }),
    ...(options.fresh ? { fresh: true } : {}),
    ...(options.config ? { config: options.config } : {}),
  });
  const view = createScenarioView(files.map(({ name }) => name));
  await using faults = matrixWithin(matrix, seed, stack);
  try {
    const recorded = await recordRun({
      stack,
      seed,
      scenarios: faults === undefined ? scenarios : inSequence(scenarios, faults.play),
      invariants: project.invariants,
      ...(options.failFast ? { failFast: true } : {}),
      onProgress: view.onProgress,
      onPhase: view.onPhase,
      signal: interrupted.signal,
    }).finally(view.close);
    interrupted.signal.throwIfAborted();
    const again = repeating(recorded.seed, {
      patterns,
      subjects: options.subject,
      env: options.env,
    });
    const verdict = await judgeRun(recorded, {
      selection,
      again,
      invariants: project.invariants,
    });
    if (faults) await writeMatrix(recorded, faults.play.results, verdict);
    if (options.json) resultJson(verdict);
    else result(renderVerdict(verdict, recorded, { again, stack: options.stack === true }));
    process.exitCode = EXIT_CODES[verdict.verdict];
  } finally {
    await takeDownIfOwned(stack);
  }
}
