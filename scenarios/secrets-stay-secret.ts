import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: no service writes a customer's token or card into its log.
 * Checks: the logs of all instances after an approved and a refused order, with a socket open.
 * Could be fooled: by a secret in another encoding, and by a service that runs outside the stack:
 * its log is not read.
 */
export default defineScenario({
  name: 'secrets-stay-secret',
  claims: 'no log shows a token or a card',
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
    const socket = await user.socket({ via: 'subprotocol' });
    await socket.subscribe({ level: 'outcome' });
    for (const quantity of [1, 5]) {
      const order = await user.placeOrder({ lines: [{ sku, quantity }], cardToken });
      await socket.terminal(order.jobId);
    }
    const signature = user.token.split('.')[2] ?? '';
    expect(signature.length).toBeGreaterThan(20);
    const folder = join(world.book.runFolder, 'logs');
    const instances = Object.values(world.book.services).flatMap((service) => service.instances);
    for (const { id } of instances) {
      const file = join(folder, `${id}.log`);
      if (!existsSync(file)) continue;
      const log = readFileSync(file, 'utf8');
      expect(log.includes(signature), `${id} logs the token`).toBe(false);
      expect(log.includes(cardToken), `${id} logs the card`).toBe(false);
    }
    expect(readdirSync(folder).length).toBeGreaterThan(0);
  },
});
