/** Updates that every server gets, as job-management publishes them. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Producer } from '@platformatic/kafka';
import avsc from 'avsc';

const TOPIC = 'job.updates';
const BATCH_RECORDS_MAX = 500;

export interface Updates extends AsyncDisposable {
  /** Publishes one update for each of these users, in this order. */
  publish(userIds: readonly string[]): Promise<void>;
}

export async function updatesTo(brokers: string, registryUrl: string): Promise<Updates> {
  const schema = readFileSync(new URL('../../avro/job.updates.avsc', import.meta.url), 'utf8');
  const type = avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema);
  const header = await headerOf(registryUrl);
  const producer = new Producer({
    clientId: 'bench',
    bootstrapBrokers: [brokers],
    idempotent: true,
    acks: -1,
  });
  const messageFor = (userId: string) => {
    const jobId = randomUUID();
    const value = Buffer.concat([header, type.toBuffer(updateOf(userId, jobId))]);
    return { topic: TOPIC, key: Buffer.from(jobId), value };
  };
  return {
    async publish(userIds) {
      for (let start = 0; start < userIds.length; start += BATCH_RECORDS_MAX) {
        const messages = userIds.slice(start, start + BATCH_RECORDS_MAX).map(messageFor);
        await producer.send({ messages });
      }
    },
    [Symbol.asyncDispose]: () => producer.close(),
  };
}

/** The Confluent wire format: magic byte 0, and the id that the registry gave the schema. */
async function headerOf(registryUrl: string): Promise<Buffer> {
  const response = await fetch(`${registryUrl}/subjects/${TOPIC}-value/versions/latest`);
  const { id } = (await response.json()) as { id: number };
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  return header;
}

/** A job's first and last update, which sockets of every level see. */
function updateOf(userId: string, jobId: string) {
  return {
    messageId: randomUUID(),
    jobId,
    userId,
    orderId: randomUUID(),
    sequence: 1,
    previousSequences: { outcome: 0, progress: 0, detail: 0 },
    level: 'OUTCOME',
    kind: 'SUCCEEDED',
    state: 'SUCCEEDED',
    step: null,
    detail: null,
    reason: null,
    causationId: randomUUID(),
    occurredAt: Date.now(),
  };
}
