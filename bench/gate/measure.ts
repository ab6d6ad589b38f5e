import pMap from 'p-map';
import { GateError } from '../../harness/gate/error.ts';
import type { Finding } from '../../harness/gate/finding.ts';
import { bareVerdicts } from './bare-tools.ts';
import { type CaseTrees, caseTrees } from './case-trees.ts';
import { CORPUS_FORMATS, type CorpusCase, type CorpusFormat, type Label } from './corpus.ts';
import { verifyLabel } from './verify-label.ts';

/** One change, with its verified label and the verdicts of the gate and the other tools. */
export interface Measured {
  readonly change: CorpusCase;
  /** The label that running the change shows. */
  readonly verified: Label;
  /** What failed when both versions exchanged messages. */
  readonly counterexample: string | undefined;
  /** `unknown` blocks a change, so it counts as an alarm. */
  readonly gate: Label | 'unknown';
  /** By the bare tool's name. */
  readonly bare: ReadonlyMap<string, Label>;
}

const CONCURRENCY = 2;

/** Verifies the label of every change, and runs the gate and the bare tools on it. */
export function measure(
  changes: readonly CorpusCase[],
  options: { readonly bare: boolean },
): Promise<Measured[]> {
  return pMap(changes, (change) => measureOne(change, options.bare), { concurrency: CONCURRENCY });
}

async function measureOne(change: CorpusCase, bare: boolean): Promise<Measured> {
  using trees = await caseTrees(change);
  const { verified, counterexample } = await verifyLabel(change, trees);
  const findings = await findingsOf(trees);
  const certain = findings.some(({ certainty }) => certainty === 'breaks');
  return {
    change,
    verified,
    counterexample,
    gate: certain ? 'breaking' : findings.length > 0 ? 'unknown' : 'safe',
    bare: bare ? await bareVerdicts(change, trees) : new Map(),
  };
}

/** What cannot be compared is *unknown*. */
async function findingsOf({
  check,
  comparison,
}: CaseTrees): Promise<Array<Pick<Finding, 'certainty'>>> {
  try {
    return await check(comparison);
  } catch (error) {
    if (error instanceof GateError) return [{ certainty: 'unknown' }];
    throw error;
  }
}

/** *unknown* is also right for a breaking pact, which may be unverified. */
export const isRight = ({ change, verified, gate }: Measured): boolean =>
  gate === verified || (change.format === 'pact' && verified === 'breaking' && gate === 'unknown');

/** How often a tool was right about changes with a verified label. */
export interface Confusion {
  readonly caught: number;
  readonly missed: number;
  readonly passed: number;
  readonly falseAlarms: number;
}

/** @param tool name of a bare tool; default: the gate */
export function confusionOf(measured: readonly Measured[], tool?: string): Confusion | undefined {
  const answers = measured.flatMap((one) => {
    const answer = tool === undefined ? one.gate : one.bare.get(tool);
    return answer === undefined ? [] : [{ verified: one.verified, alarm: answer !== 'safe' }];
  });
  if (answers.length === 0) return undefined;
  const count = (verified: Label, alarm: boolean): number =>
    answers.filter((one) => one.verified === verified && one.alarm === alarm).length;
  return {
    caught: count('breaking', true),
    missed: count('breaking', false),
    passed: count('safe', false),
    falseAlarms: count('safe', true),
  };
}

export const byFormat = (measured: readonly Measured[]): Array<[CorpusFormat, Measured[]]> =>
  CORPUS_FORMATS.map((format) => [format, measured.filter((it) => it.change.format === format)]);
