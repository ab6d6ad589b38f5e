import pMap from 'p-map';
import { bareVerdicts } from './bare-tools.ts';
import { caseTrees } from './case-trees.ts';
import { CORPUS_FORMATS, type CorpusCase, type CorpusFormat, type Label } from './corpus.ts';
import { counterexample } from './prove.ts';

/** One change, and what everybody says about it. */
export interface Measured {
  readonly change: CorpusCase;
  readonly proved: Label;
  /** What went wrong when it was tried. */
  readonly counterexample: string | undefined;
  /** `unknown` is no answer that lets a change through: it counts as an alarm. */
  readonly gate: Label | 'unknown';
  /** By the bare tool's name. */
  readonly bare: ReadonlyMap<string, Label>;
}

const CONCURRENCY = 2;

/** Tries every change, and asks the gate and the bare tools. */
export function measure(
  changes: readonly CorpusCase[],
  options: { readonly bare: boolean },
): Promise<Measured[]> {
  return pMap(changes, (change) => measureOne(change, options.bare), { concurrency: CONCURRENCY });
}

async function measureOne(change: CorpusCase, bare: boolean): Promise<Measured> {
  using trees = await caseTrees(change);
  const failure = await counterexample(change, trees);
  const findings = await trees.check(trees.comparison);
  const certain = findings.some(({ certainty }) => certainty === 'breaks');
  return {
    change,
    proved: failure === undefined ? 'safe' : 'breaking',
    counterexample: failure,
    gate: certain ? 'breaking' : findings.length > 0 ? 'unknown' : 'safe',
    bare: bare ? await bareVerdicts(change, trees) : new Map(),
  };
}

/** Of a pact that nobody verified, *unknown* is all that there is to say: it is an alarm. */
export const isRight = ({ change, proved, gate }: Measured): boolean =>
  gate === proved || (change.format === 'pact' && proved === 'breaking' && gate === 'unknown');

/** How often somebody was right about changes whose truth is known. */
export interface Confusion {
  readonly caught: number;
  readonly missed: number;
  readonly passed: number;
  readonly falseAlarms: number;
}

/** @param tool a bare tool's name; left out, the gate */
export function confusionOf(measured: readonly Measured[], tool?: string): Confusion | undefined {
  const answers = measured.flatMap((one) => {
    const answer = tool === undefined ? one.gate : one.bare.get(tool);
    return answer === undefined ? [] : [{ truth: one.proved, alarm: answer !== 'safe' }];
  });
  if (answers.length === 0) return undefined;
  const count = (truth: Label, alarm: boolean): number =>
    answers.filter((one) => one.truth === truth && one.alarm === alarm).length;
  return {
    caught: count('breaking', true),
    missed: count('breaking', false),
    passed: count('safe', false),
    falseAlarms: count('safe', true),
  };
}

export const byFormat = (measured: readonly Measured[]): Array<[CorpusFormat, Measured[]]> =>
  CORPUS_FORMATS.map((format) => [format, measured.filter((it) => it.change.format === format)]);
