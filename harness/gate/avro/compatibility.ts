import type { Topic } from '#contracts/spec/topics.ts';
import { brokenDefaults } from './defaults.ts';
import { avscReads, avscRefusal } from './oracle.ts';
import type { AvroProblem } from './problem.ts';
import { type Direction, type Names, readProblems } from './resolution.ts';
import { parseAvro } from './schema.ts';

export type Mode = Topic['compatibility'];

/** Problems that the library does not see: it resolves, but the value changes. */
const BEYOND_RESOLUTION = new Set(['avro/promotion-loses', 'avro/logical-type-changed']);

export interface DirectedProblem extends AvroProblem {
  readonly direction: Direction;
}

/** The directions that a mode requires. */
export function directionsOf(mode: Mode): readonly Direction[] {
  if (mode === 'NONE') return [];
  if (mode.startsWith('BACKWARD')) return ['backward'];
  return mode.startsWith('FORWARD') ? ['forward'] : ['backward', 'forward'];
}

export const isTransitive = (mode: Mode): boolean => mode.endsWith('_TRANSITIVE');

/** True when the mode guarantees at least what `old` guarantees. */
export function promises(now: Mode, old: Mode): boolean {
  const kept = directionsOf(old).every((direction) => directionsOf(now).includes(direction));
  return kept && (!isTransitive(old) || isTransitive(now));
}

/**
 * Every reason why the change from one schema to the next breaks its mode: our own rules, with the
 * library's resolver as a second check. A difference between the two is also reported.
 *
 * @param file named in errors
 */
export function avroProblems(
  oldText: string,
  newText: string,
  mode: Mode,
  file: string,
  names: Names = 'unqualified',
): DirectedProblem[] {
  const before = parseAvro(oldText, `${file} (before)`);
  const after = parseAvro(newText, file);
  const broken = brokenDefaults(after);
  const known = new Set(brokenDefaults(before).map(({ what }) => what));
  const fresh = broken.filter(({ what }) => !known.has(what));
  if (fresh.length > 0) return fresh.map((problem) => ({ ...problem, direction: 'backward' }));
  return directionsOf(mode).flatMap((direction) => {
    const isNew = direction === 'forward';
    const [reader, writer] = isNew ? [before, after] : [after, before];
    const problems = distinct(readProblems(reader, writer, direction, names));
    const [readerText, writerText] = isNew ? [oldText, newText] : [newText, oldText];
    const doubt = contradiction(readerText, writerText, problems, names);
    return [...problems, ...doubt].map((problem) => ({ ...problem, direction }));
  });
}

function contradiction(
  readerText: string,
  writerText: string,
  problems: readonly AvroProblem[],
  names: Names,
): AvroProblem[] {
  const refusal = avscRefusal(readerText) ?? avscRefusal(writerText);
  const structural = problems.some(({ rule }) => !BEYOND_RESOLUTION.has(rule));
  if (refusal === undefined && avscReads(readerText, writerText, names) === !structural) return [];
  return [
    {
      rule: 'avro/contradiction',
      what:
        refusal === undefined
          ? `the gate's rules say ${structural ? 'no' : 'yes'} and the resolver of avsc the opposite`
          : `avsc refuses the schema: ${refusal}`,
      path: [],
      in: 'reader',
      fix: 'report it with a message that shows it (bench/gate/corpus): one of the two is wrong',
    },
  ];
}

function distinct(problems: readonly AvroProblem[]): AvroProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ rule, what }) => {
    const isNew = !seen.has(`${rule} ${what}`);
    seen.add(`${rule} ${what}`);
    return isNew;
  });
}
