import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testContext } from './context.testkit.ts';
import { errorCodeOf } from './errors.ts';
import { idsOf, KafkaWorld, message, TOPIC } from './kafka.testkit.ts';
import { type Replayed, type ReplayOptions, replayTopic } from './kafka-replay.ts';
import { startTelemetry } from './telemetry.ts';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let world: KafkaWorld;
beforeAll(async () => {
  // So that the producer hands the trace on, as it does in a service.
  startTelemetry({ service: 'test', instance: 'test-1', url: undefined });
  world = await KafkaWorld.boot();
});
afterAll(() => world?.[Symbol.asyncDispose]());

async function replay(brokers = world.direct): Promise<Array<Replayed<typeof TOPIC>>> {
  await using context = testContext('reader-1');
  const taken: Array<Replayed<typeof TOPIC>> = [];
  const options: ReplayOptions<typeof TOPIC> = { brokers, codec: world.codec, topic: TOPIC };
  await replayTopic(context, options, (record) => void taken.push(record));
  return taken;
}

async function groups(): Promise<string[]> {
  const admin = new Kafka({ brokers: [world.direct], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { groups: all } = await admin.listGroups();
  await admin.disconnect();
  return all.map(({ groupId }) => groupId).filter((id) => id.includes('-replay-'));
}

describe('the replay of a topic', () => {
  it('ends at once when the topic is empty', async () => {
    expect(await replay()).toEqual([]);
  });

  it('gives every record that was there, in order by key, and leaves no group behind', async () => {
    const published = Array.from({ length: 50 }, (_, n) => ({
      ...message(`key-${n % 3}`),
      traceparent: TRACE,
    }));
    await world.producer.publish(published);
    const headers = [] as const;
    const junk = { topic: TOPIC, key: Buffer.from('key-0'), value: Buffer.from('junk'), headers };
    await world.producer.send([junk]);
    const taken = await replay();
    for (const key of ['key-0', 'key-1', 'key-2']) {
      const ids = idsOf(published.filter((one) => one.key === key));
      const given = taken.map(({ value }) => value.messageId).filter((id) => ids.includes(id));
      expect(given).toEqual(ids);
    }
    expect(taken).toHaveLength(50);
    const traces = new Set(taken.map(({ traceparent }) => traceparent?.slice(0, 35)));
    expect([...traces]).toEqual([TRACE.slice(0, 35)]);
    expect(await groups()).toEqual([]);
  });

  it('is unavailable when Kafka is not there', async () => {
    expect(await replay('127.0.0.1:1').catch(errorCodeOf)).toBe('unavailable');
  });
});
