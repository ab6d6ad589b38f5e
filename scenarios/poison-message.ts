import { deadLetterTopic } from '#contracts/spec/topics.ts';
import { publishRaw, recordOn } from '../harness/clients/kafka.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/** Bytes that no schema decodes. */
const POISON = Buffer.from('{"not": "avro"}');

/**
 * Claims: a record that cannot be decoded goes to the dead-letter topic with its cause, and the
 * partition continues.
 * Checks: poison on every partition of the commands topic; the record on the dead-letter topic is
 * the same, byte for byte; orders still complete.
 * Could be fooled: by orders on other partitions; hence all partitions are poisoned.
 */
export default defineScenario({
  name: 'poison-message',
  claims: 'a poison message goes to the DLQ and the partition continues',
  async play({ world }) {
    const topic = 'inventory.commands';
    const key = world.name('poison');
    await publishRaw(world, topic, key, POISON);
    const dead = await recordOn(world, deadLetterTopic(topic), key);
    expect(dead.value.equals(POISON)).toBe(true);
    expect(dead.headers).toMatchObject({ 'dlq-topic': topic, 'dlq-cause': expect.any(String) });

    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(6), world.card()]);
    const orders = await Promise.all(
      Array.from({ length: 6 }, () =>
        user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken }),
      ),
    );
    for (const order of orders) {
      expect(await user.jobEnded(order.jobId)).toMatchObject({ state: 'SUCCEEDED' });
    }
  },
});
