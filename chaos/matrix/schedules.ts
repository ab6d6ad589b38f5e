/**
 * Schedules of a hunt: up to five faults that hit one order, wherever it meets them. They are drawn
 * by a seed from the cells of the matrix. Each schedule has a few kinds of faults only, another few
 * each time: kinds that mask each other do not occur together in all of them (swarm testing,
 * Groce et al., ISSTA 2012).
 */
import { SagaproofError } from '../../harness/kernel/errors.ts';
import { Random } from '../../harness/kernel/random.ts';
import { allFaults, type Cell, FAULTS, type FaultName } from './cell.ts';

/** Between the ids of the faults of one schedule. */
const AND = ' & ';
const KINDS_MIN = 2;
/** A time-out takes seconds, in which a hunt plays something else. */
const SLOW: ReadonlySet<FaultName> = new Set<FaultName>(['time-out']);

/** One cell for all faults; none of them knows of another. */
export function scheduleOf(cells: readonly Cell[]): Cell {
  const [first, ...others] = cells;
  if (first === undefined) throw new Error('a schedule has at least one fault');
  return { ...first, id: cells.map(({ id }) => id).join(AND), others };
}

/** The faults of a schedule, each as a cell of its own. */
export const faultsOfSchedule = (schedule: Cell): readonly Cell[] => {
  const ids = schedule.id.split(AND);
  return allFaults(schedule).map(({ others: _, ...cell }, place) => ({
    ...cell,
    id: ids[place] ?? cell.id,
  }));
};

/**
 * Draws schedules.
 *
 * @param cells single faults
 * @param count how many schedules
 * @param faultsMax faults of one schedule, at most
 */
export function drawSchedules(
  cells: readonly Cell[],
  {
    seed,
    count,
    faultsMax,
  }: { readonly seed: string; readonly count: number; readonly faultsMax: number },
): readonly Cell[] {
  const random = new Random(seed, 'schedules of a hunt');
  const quick = cells.filter(({ fault }) => !SLOW.has(fault));
  const sagas = [...Map.groupBy(quick, ({ saga }) => saga).values()];
  if (sagas.length === 0) return [];
  return Array.from({ length: count }, () => {
    const own = random.pick(sagas);
    const kinds = new Set(
      random.shuffled(FAULTS).slice(0, random.integer(KINDS_MIN, FAULTS.length)),
    );
    const allowed = own.filter(({ fault }) => kinds.has(fault));
    const drawn = random.shuffled(allowed.length === 0 ? own : allowed);
    return scheduleOf(drawn.slice(0, random.integer(1, faultsMax)));
  });
}

/**
 * Schedules by their ids, as a report has them.
 *
 * @throws SagaproofError when one of their faults is no cell of this matrix
 */
export function schedulesById(ids: readonly string[], cells: readonly Cell[]): readonly Cell[] {
  const known = new Map(cells.map((cell) => [cell.id, cell]));
  return ids.map((id) =>
    scheduleOf(
      id.split(AND).map((one) => {
        const cell = known.get(one);
        if (cell !== undefined) return cell;
        throw new SagaproofError('unknown-name', `the matrix has no cell ${one}`, {
          fix: 'the sagas or the topology have changed since: hunt again',
        });
      }),
    ),
  );
}
