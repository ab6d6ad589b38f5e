import { sendWithRetry } from '../harness/clients/rest.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/** Valid text that software trips over: beyond the BMP, joined, combining, right to left, long. */
const UNUSUAL = [
  '👩‍👩‍👧‍👦 Tanaka',
  '𠮷野家 𩸽',
  'é̂ Zoë',
  'שלום עולם',
  'Ａｏｉ　ﷺ',
  'Robert\'); drop table orders;-- \\ "',
  'NULL',
  '長'.repeat(200),
] as const;

/** No text of an order has these, and not every store can keep them. */
const CONTROL_CHARACTERS = ['\u0000', '\n', '\u001b[2J', '\u007f', '\u0085'] as const;

/**
 * Claims: unusual but valid text passes every hop; a control character is refused at the API and
 * delays no order.
 * Checks: an order with each text in its address is approved; a 400 for each control character in
 * each field, and an order of another customer afterwards.
 * Could be fooled: by a service that cuts or replaces text on its way and succeeds all the same.
 */
export default defineScenario({
  name: 'unusual-text',
  claims: 'unusual text passes every hop and control characters are refused',
  async play({ world }) {
    const [user, other] = await Promise.all([world.user(), world.user()]);
    const [sku, cardToken] = await Promise.all([world.sku(UNUSUAL.length + 1), world.card()]);
    const order = { lines: [{ sku, quantity: 1 }], cardToken };

    for (const text of CONTROL_CHARACTERS) {
      for (const field of ['recipient', 'street', 'city', 'postalCode'] as const) {
        const address = { [field]: `a${text}b` };
        const response = await sendWithRetry(() => user.tryPlaceOrder({ ...order, address }));
        const label = `${JSON.stringify(text)} in ${field}`;
        expect([response.status, response.body['code']], label).toEqual([400, 'invalid-request']);
      }
    }

    const placed = await Promise.all(
      UNUSUAL.map((text) =>
        user.placeOrder({ ...order, address: { recipient: text, street: text, city: text } }),
      ),
    );
    for (const { jobId } of placed) {
      expect(await user.jobEnded(jobId)).toMatchObject({ state: 'SUCCEEDED' });
    }
    const { jobId } = await other.placeOrder(order);
    expect(await other.jobEnded(jobId)).toMatchObject({ state: 'SUCCEEDED' });
  },
});
