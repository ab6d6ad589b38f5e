import type { SagaFacts } from '#contracts/spec/sagas.ts';
import { type Facts, type Place, placesOf } from './boundaries.ts';
import { type Boundary, type Cell, type FaultName, type SecondFault, secondName } from './cell.ts';
import { exchangesOf, VARIANTS, type Variant } from './variants.ts';

/**
 * The cells of the matrix: every step, undo step, start and outcome of every saga × the boundaries
 * of each service that takes part × the faults that can hit there. A place that is the same in two
 * variants (same service, same messages so far) is in the matrix once.
 */
export function enumerateCells(facts: Facts): readonly Cell[] {
  const cells = new Map<string, Cell>();
  for (const variant of VARIANTS) {
    const saga = facts.sagas.find(({ name }) => name === variant.saga);
    if (saga === undefined) continue;
    const places = placesOf(saga, variant, exchangesOf(saga, variant), facts);
    for (const cell of places.flatMap((place) => cellsAt(place, saga, variant, facts))) {
      if (!cells.has(cell.id)) cells.set(cell.id, cell);
    }
  }
  return [...cells.values()];
}

function cellsAt(place: Place, saga: SagaFacts, variant: Variant, facts: Facts): Cell[] {
  const { boundary, step } = place;
  const about = {
    saga: saga.name,
    step: stepName(place, variant),
    participant: boundary.service,
    boundary: boundary.name,
    variant: variant.name,
    at: boundary,
  };
  const prefix = [saga.name, about.step, boundary.service, boundary.name].join('/');
  const single = faultsAt(place).map(
    (fault): Cell => ({ id: `${prefix}/${fault}`, fault, ...about }),
  );
  const links = isLinkPlace(place)
    ? linksOf(boundary, facts).flatMap((link) =>
        (['cut', 'latency'] as const).map(
          (fault): Cell => ({ id: `${prefix}/${fault}:${link}`, fault, link, ...about }),
        ),
      )
    : [];
  return step === 'STARTED' && variant.name !== firstVariantOf(saga.name)
    ? []
    : [...single, ...links];
}

/** What ends differently is another place, although it is called the same. */
const stepName = ({ step }: Place, { refuses }: Variant): string =>
  step === 'ENDED' && refuses !== undefined ? 'ENDED-failed' : step;

const firstVariantOf = (saga: string): string | undefined =>
  VARIANTS.find((variant) => variant.saga === saga)?.name;

/** The faults that make a difference at a boundary. */
function faultsAt({ boundary, exchange }: Place): FaultName[] {
  const { name, at } = boundary;
  const faults: FaultName[] = ['kill', 'pause'];
  const isFetch = at.operations.includes('kafka.fetch');
  const isOffset = at.operations.includes('kafka.offset-commit');
  if (at.point === 'request') faults.push('lost-request');
  if (at.point === 'answer') faults.push('lost-answer');
  if (at.point === 'request' && !at.operations.includes('smtp.data')) faults.push('error');
  if (isFetch) faults.push('late');
  if (exchange !== undefined && isOffset) faults.push('duplicate');
  if (exchange?.participant === boundary.service && name === 'before-commit') {
    faults.push('time-out');
  }
  return faults;
}

/** Links of a service are disturbed once in each step: when the service has taken a message. */
const isLinkPlace = ({ boundary }: Place): boolean =>
  boundary.name === 'before-consume' || boundary.name === 'before-reply';

const linksOf = ({ service }: Boundary, { topology }: Facts): string[] => {
  const stores = topology.services[service]?.stores ?? [];
  const disturbed = new Set(['kafka', 'smtp', ...stores]);
  const dependencies = (topology.links[service] ?? []).filter((name) => disturbed.has(name));
  return dependencies.map((dependency) => `${service}→${dependency}`);
};

/**
 * Pairs: a second fault while the service recovers from the first. For every cell that kills or
 * delays: killed again, without one of its links, or with its message delivered twice.
 */
export function enumeratePairs(cells: readonly Cell[], facts: Facts): readonly Cell[] {
  return cells.flatMap((cell) => {
    const seconds: SecondFault[] = [];
    if (cell.fault === 'kill') {
      seconds.push({ fault: 'kill' }, { fault: 'duplicate' });
      seconds.push(...linksOf(cell.at, facts).map((link): SecondFault => ({ fault: 'cut', link })));
    }
    if (cell.fault === 'time-out' || cell.fault === 'lost-answer') {
      seconds.push({ fault: 'kill' }, { fault: 'duplicate' });
    }
    return seconds.map((second) => ({
      ...cell,
      id: `${cell.id}+${secondName(second)}`,
      second,
    }));
  });
}
