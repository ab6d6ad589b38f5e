import { v7 as uuidv7 } from 'uuid';
import { sendWithRetry } from '../harness/clients/rest.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/** As many as a client with a retrying HTTP library sends at once. */
const REPEATS = 5;

/**
 * Claims: a command that is repeated with its key, even concurrently, is one command; with another
 * body it is refused and changes nothing.
 * Checks: the same ids from all repeats, one charge, one reservation; 422 for the other body.
 * Could be fooled: by a service that forgets keys after seconds; hence a repeat after the outcome.
 */
export default defineScenario({
  name: 'idempotency-key',
  claims: 'one key is one command, and another body is refused',
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(10), world.card(100_000)]);
    const idempotencyKey = uuidv7();
    const options = { lines: [{ sku, quantity: 1 }], cardToken, idempotencyKey };
    const repeats = await Promise.all(
      Array.from({ length: REPEATS }, () => user.placeOrder(options)),
    );
    const [first] = repeats;
    if (first === undefined) throw new Error('no order was placed');
    for (const repeat of repeats) {
      expect([repeat.jobId, repeat.orderId]).toEqual([first.jobId, first.orderId]);
    }
    const other = await sendWithRetry(() =>
      user.tryPlaceOrder({ ...options, lines: [{ sku, quantity: 2 }] }),
    );
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency-key-reused']);
    expect(other.body).not.toHaveProperty('jobId');

    expect(await user.jobEnded(first.jobId)).toMatchObject({ state: 'SUCCEEDED' });
    expect((await user.placeOrder(options)).jobId).toBe(first.jobId);
    const stranger = await world.user();
    const theirs = await stranger.placeOrder(options);
    expect(theirs.jobId).not.toBe(first.jobId);
    await stranger.jobEnded(theirs.jobId);
    const stock = await world.rpc.inventory.call('getStock', { sku });
    expect(stock).toMatchObject({ message: { stock: { reserved: 2n } } });
    const card = await world.rpc.payment.call('getCard', { cardToken });
    expect(card).toMatchObject({ message: { card: { captured: { minorUnits: 2_000n } } } });
  },
});
