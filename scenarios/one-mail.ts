import { askOwnServer } from '../harness/clients/own-server.ts';
import { until } from '../harness/kernel/poll.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import type { World } from '../harness/scenario/world.ts';

/**
 * Claims: each outcome is mailed once, to the customer who placed the order.
 * Checks: the mails of two customers at the mail server; one of them cancels.
 * Could be fooled: by a mail that is sent again because the first one was not acknowledged; it has
 * the same Message-ID and counts once.
 */
export default defineScenario({
  name: 'one-mail',
  claims: 'each outcome is mailed to its customer once',
  async play({ world }) {
    const [user, other] = await Promise.all([world.user(), world.user()]);
    const [sku, cardToken] = await Promise.all([world.sku(2), world.card()]);
    const place = (by: typeof user) => by.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    const [order, theirs] = await Promise.all([place(user), place(other)]);
    await Promise.all([user.jobEnded(order.jobId), other.jobEnded(theirs.jobId)]);
    const cancel = await user.cancelOrder(order.orderId);
    await user.jobEnded(cancel.jobId);
    for (const [who, outcomes] of [
      [user, 2],
      [other, 1],
    ] as const) {
      const mails = await until(`${outcomes} mails to ${who.email}`, async () => {
        const sent = await mailsTo(world, who.email);
        return sent.size >= outcomes ? sent : undefined;
      });
      expect(mails.size).toBe(outcomes);
    }
  },
});

/** Message-IDs of the mails whose only recipient is this address. */
async function mailsTo({ book }: World, address: string): Promise<ReadonlySet<string>> {
  const response = await askOwnServer(book.smtp.messagesUrl);
  const { messages } = (await response.json()) as {
    messages: ReadonlyArray<{ to: readonly string[]; messageId: string }>;
  };
  const own = messages.filter(({ to }) => to.length === 1 && to[0] === address);
  return new Set(own.map(({ messageId }) => messageId));
}
