import { describe, expect, it } from 'vitest';
import { createProjector } from './app-projector.ts';
import {
  APPROVED,
  eventsOf,
  orderIdOf,
  PLACED,
  REJECTED,
  STEP_COMPLETED,
} from './domain.testkit.ts';
import type { OrderEvent, OrderView } from './domain.ts';

/** Views in this process, which count what they are asked. */
function viewsInMemory(views = new Map<string, OrderView>()) {
  const asked = { loads: 0, saves: 0 };
  return {
    views,
    asked,
    async load(orderId: string) {
      asked.loads += 1;
      return views.get(orderId);
    },
    async save(view: OrderView, replaces: number) {
      asked.saves += 1;
      if ((views.get(view.orderId)?.sequence ?? 0) !== replaces) return false;
      views.set(view.orderId, view);
      return true;
    },
  };
}

function setUp() {
  const store = viewsInMemory();
  const outcomes: string[] = [];
  const projector = createProjector(store, (outcome) => outcomes.push(outcome));
  return { ...store, projector, outcomes };
}

const SAGA = eventsOf([PLACED, STEP_COMPLETED, APPROVED]);

describe('events that come together', () => {
  it('are folded with one write for each order, and nothing is read', async () => {
    const { projector, views, asked, outcomes } = setUp();
    const other = eventsOf([PLACED, REJECTED], { orderId: orderIdOf(2), userId: 'user-2' });
    await projector.project(SAGA.slice(0, 1));
    await projector.project([...other, ...SAGA.slice(1)]);
    expect(views.get(orderIdOf(1))).toMatchObject({ sequence: 3, status: 'approved' });
    expect(views.get(orderIdOf(2))).toMatchObject({ sequence: 2, status: 'rejected' });
    expect(asked).toEqual({ loads: 0, saves: 3 });
    expect(outcomes).toEqual(['apply', 'apply', 'apply', 'apply', 'apply']);
  });

  it('are kept up to one that does not fit, which is reported', async () => {
    const { projector, views } = setUp();
    const [first, second, , fourth] = eventsOf([
      PLACED,
      STEP_COMPLETED,
      STEP_COMPLETED,
      APPROVED,
    ]) as [OrderEvent, OrderEvent, OrderEvent, OrderEvent];
    const folding = projector.project([first, second, fourth]);
    await expect(folding).rejects.toMatchObject({ code: 'unavailable' });
    expect(views.get(orderIdOf(1))).toMatchObject({ sequence: 2 });
  });

  it('are folded into what another instance has written meanwhile', async () => {
    const { projector, views, outcomes } = setUp();
    const other = createProjector(viewsInMemory(views), () => undefined);
    await projector.project(SAGA.slice(0, 1));
    await other.project(SAGA.slice(1, 2));
    for (const event of SAGA) await projector.project([event]);
    expect(views.get(orderIdOf(1))).toMatchObject({ sequence: 3 });
    expect(outcomes.slice(1)).toEqual(['ignore', 'ignore', 'apply']);
  });

  it('are written again when the store has lost an order, as far as its first event', async () => {
    const { projector, views } = setUp();
    await projector.project(SAGA);
    views.clear();
    await projector.project(SAGA);
    expect(views.get(orderIdOf(1))).toMatchObject({ sequence: 3 });
  });
});
