import { askOwnServer } from '../harness/clients/own-server.ts';
import { until } from '../harness/kernel/poll.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/** JWT libraries fetch an issuer's keys again after half a minute at most. */
const KNOWN_WITHIN_MS = 60_000;

/**
 * Claims: after an issuer rotates its key, tokens of the new key are soon accepted, those of the
 * old key as long as it is published, and those of a key that was never published are refused.
 * Checks: REST with tokens of each kind after a rotation.
 * Could be fooled: by a service that accepts every key; hence one that was never published.
 */
export default defineScenario({
  name: 'signing-keys-rotate',
  claims: "tokens of the issuer's new key are soon accepted",
  exclusive: true,
  async play({ world }) {
    const user = await world.user();
    const ask = (token: string) =>
      world.rest.send({
        ...{ name: 'list-orders', method: 'GET', path: '/v1/customers/me/orders', token },
        userId: user.userId,
      });
    expect((await ask(user.token)).status).toBe(200);
    const rotated = await askOwnServer(world.book.oidc.rotateUrl, { method: 'POST' });
    expect(rotated.ok).toBe(true);
    const token = await world.mint({ sub: user.userId, groups: ['customers'] });
    await until(
      'a token of the new key to be accepted',
      async () => (await ask(token)).status === 200,
      KNOWN_WITHIN_MS,
    );
    expect((await ask(user.token)).status).toBe(200);
    const forged = await world.mint({ sub: user.userId, unpublishedKey: true });
    expect((await ask(forged)).status).toBe(401);
  },
});
