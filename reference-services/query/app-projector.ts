import { OperationalError, PoisonMessage } from '#kit/errors.ts';
import { allDone } from '#kit/settled.ts';
import { type OrderEvent, type OrderView, type Projection, project } from './domain.ts';
import type { OrderViews } from './ports.ts';

/** Another writer can be faster once per event of the order; more than this is no race. */
const SAVE_ATTEMPTS_MAX = 5;
/** Orders whose view is kept at hand; each is about a kilobyte. */
const VIEWS_AT_HAND_MAX = 2_000;

export interface Projector {
  /** Folds events in, each order's in the order given; idempotent. */
  project(events: readonly OrderEvent[]): Promise<void>;
}

/**
 * Builds what folds events into the live views.
 *
 * @param onProjected called with the outcome of each event
 */
export function createProjector(
  views: Pick<OrderViews, 'load' | 'save'>,
  onProjected: (outcome: Projection['kind']) => void,
): Projector {
  const atHand = new ViewsAtHand();

  /** Folds events of one order in, in their order. */
  async function projectOrder(orderId: string, events: readonly OrderEvent[]): Promise<void> {
    let guess = atHand.find(orderId) ?? (events[0]?.sequence === 1 ? NO_VIEW : undefined);
    for (let attempt = 1; attempt <= SAVE_ATTEMPTS_MAX; attempt += 1) {
      const isGuess = guess !== undefined;
      const { view } = guess ?? { view: await views.load(orderId) };
      guess = undefined;
      const folded = fold(view, events);
      // What is at hand may be old: a save finds out, an event that is not applied would not.
      if (isGuess && folded.projections.some(({ kind }) => kind !== 'apply')) continue;
      atHand.forget(orderId);
      if (folded.view === view || (await save(folded.view, view))) {
        if (folded.view !== undefined) atHand.keep(orderId, folded.view);
        for (const { kind } of folded.projections) onProjected(kind);
        for (const [index, projection] of folded.projections.entries()) {
          settle(events[index] as OrderEvent, projection);
        }
        return;
      }
    }
    throw new OperationalError('unavailable', {
      detail: `order ${orderId} was written by others ${SAVE_ATTEMPTS_MAX} times in a row`,
    });
  }

  const save = async (view: OrderView | undefined, before: OrderView | undefined) =>
    view !== undefined && views.save(view, before?.sequence ?? 0);

  async function projectAll(events: readonly OrderEvent[]): Promise<void> {
    const byOrder = Map.groupBy(events, ({ orderId }) => orderId);
    await allDone([...byOrder].map(([orderId, own]) => projectOrder(orderId, own)));
  }

  return { project: projectAll };
}

/** Folds events into a view, up to one that does not fit. */
function fold(before: OrderView | undefined, events: readonly OrderEvent[]) {
  let view = before;
  const projections: Projection[] = [];
  for (const event of events) {
    const projection = project(view, event);
    projections.push(projection);
    if (projection.kind === 'apply') view = projection.view;
    else if (projection.kind !== 'ignore') break;
  }
  return { view, projections };
}

const NO_VIEW = { view: undefined };

/** The orders that were written last, so that the next event need not read them again. */
class ViewsAtHand {
  readonly #views = new Map<string, OrderView>();

  find(orderId: string): { readonly view: OrderView } | undefined {
    const view = this.#views.get(orderId);
    return view === undefined ? undefined : { view };
  }

  keep(orderId: string, view: OrderView): void {
    this.#views.delete(orderId);
    this.#views.set(orderId, view);
    const [oldest] = this.#views.keys();
    if (this.#views.size > VIEWS_AT_HAND_MAX && oldest !== undefined) this.#views.delete(oldest);
  }

  forget(orderId: string): void {
    this.#views.delete(orderId);
  }
}

/** Rejects for an event that does not fit. */
export function settle(event: OrderEvent, projection: Projection): void {
  switch (projection.kind) {
    case 'apply':
    case 'ignore':
      return;
    case 'gap':
      throw new OperationalError('unavailable', {
        detail: `order ${event.orderId} has event ${event.sequence}, not ${projection.expected}`,
      });
    case 'misfit':
      throw new PoisonMessage('unexpected-message', { detail: projection.reason });
    default:
      projection satisfies never;
  }
}
