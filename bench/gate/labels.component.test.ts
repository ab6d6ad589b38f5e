import { describe, expect, it } from 'vitest';
import { CORPUS_FORMATS, type CorpusFormat, readCorpus } from './corpus.ts';
import { byFormat, isRight, measure } from './measure.ts';

/** Required minimum size of the corpus. */
const CHANGES_MIN = 120;
const PER_LABEL_MIN = 10;
const corpus = readCorpus();

describe('the labelled corpus', () => {
  it('has enough changes of every format and both labels', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(CHANGES_MIN);
    for (const format of CORPUS_FORMATS) {
      for (const label of ['safe', 'breaking']) {
        const some = corpus.filter((it) => it.format === format && it.label === label);
        expect(some.length, `${format} ${label}`).toBeGreaterThanOrEqual(PER_LABEL_MIN);
      }
    }
  });

  it('names each change once', () => {
    const names = corpus.map(({ format, name }) => `${format}: ${name}`);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  // Buf and Pact's verifier are started several times a change: `pnpm bench gate` measures all.
  const SLOW: Readonly<Partial<Record<CorpusFormat, RegExp>>> = {
    protobuf: /uint32/,
    pact: /the repository holds|in another order/,
  };
  const quick = corpus.filter(({ format, name }) => SLOW[format]?.test(name) ?? true);

  it('has verified labels, and the gate is right about each change', async () => {
    const measured = await measure(quick, { bare: false });
    const wrong = measured.filter((one) => one.change.label !== one.verified || !isRight(one));
    expect(
      wrong.map(({ change, counterexample, gate }) => ({
        name: `${change.format}: ${change.name}`,
        label: change.label,
        counterexample,
        gate,
      })),
    ).toEqual([]);
    for (const [format, all] of byFormat(measured)) expect(all.length, format).toBeGreaterThan(0);
  }, 120_000);
});
