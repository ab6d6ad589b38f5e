import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import avro from 'avsc';
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { v7 as uuidv7 } from 'uuid';
import { valueSubject } from '#contracts/spec/topics.ts';
import { LoadShard } from '../../harness/history/load-shard.ts';
import { packageAsset } from '../../harness/kernel/package-assets.ts';
import { jobIdOf, orderIdOf, type PlannedUpdate, plannedUpdates, stampOf } from '../model/jobs.ts';
import { Schedule, stagesOf } from '../model/schedule.ts';
import { atArrivals } from './arrivals.ts';
import type { Customer, PublisherWork } from './messages.ts';
import { WorkerPort } from './worker-port.ts';

const TOPIC = 'job.updates';
const SCHEMA = readFileSync(packageAsset(`avro/${TOPIC}.avsc`), 'utf8');
/** Of one request, which has what became due while the one before was under way. */
const BATCH_MAX = 2_000;
/** A broker takes no request above 1 MiB, unless it is configured to. */
const BATCH_BYTES_MAX = 400_000;
const RETRY_MS = 200;

/** Publishes the updates of jobs that it plays itself, in order per job, when they are due. */
class UpdatePublisher {
  readonly #work: PublisherWork;
  readonly #producer: Producer;
  readonly #schemaId: number;
  readonly #type = avro.Type.forSchema(JSON.parse(SCHEMA));
  readonly #updates: readonly PlannedUpdate[];
  readonly #payload: string;
  /** By place among the customers: updates so far. */
  readonly published: number[];
  #due: Message[] = [];
  #sending: Promise<void> | undefined;
  readonly #port: WorkerPort;
  readonly #shard: LoadShard;

  constructor(
    work: PublisherWork,
    connection: { readonly producer: Producer; readonly schemaId: number },
    sinks: { readonly port: WorkerPort; readonly shard: LoadShard },
  ) {
    this.#work = work;
    this.#producer = connection.producer;
    this.#schemaId = connection.schemaId;
    this.#port = sinks.port;
    this.#shard = sinks.shard;
    const { perJob = 3, payloadBytes = 0 } = work.model.updates ?? {};
    this.#updates = plannedUpdates(perJob);
    this.#payload = 'x'.repeat(payloadBytes);
    this.published = work.customers.map(() => 0);
  }

  /** The n-th arrival: the next update of the next customer. */
  publish(n: number, dueMs: number): void {
    const { customers, runTag, scenario } = this.#work;
    const place = n % customers.length;
    const customer = customers[place] as Customer;
    const number = this.published[place] ?? 0;
    this.published[place] = number + 1;
    const jobId = jobIdOf(runTag, customer.user, Math.floor(number / this.#updates.length));
    const update = this.#updates[number % this.#updates.length] as PlannedUpdate;
    if (update.sequence === 1) {
      const jobs = [{ jobId, userId: customer.userId }];
      this.#shard.record({ type: 'load-jobs', workload: scenario, jobs });
    }
    this.#due.push(this.#message(customer, jobId, update, dueMs));
    this.#sending ??= this.#send();
  }

  /** Resolves when all that was due is on the broker. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    while (this.#due.length > 0) {
      // One request at a time: the order of a job's updates is the order of the requests.
      const messages = this.#due.splice(0, this.#batchSize());
      await this.#sendUntilTaken(messages);
      this.#port.count('sent', messages.length);
    }
    this.#sending = undefined;
  }

  #batchSize(): number {
    let bytes = 0;
    const over = this.#due.findIndex(({ value }) => {
      bytes += value?.length ?? 0;
      return bytes > BATCH_BYTES_MAX;
    });
    return over < 0 ? BATCH_MAX : Math.min(BATCH_MAX, Math.max(1, over));
  }

  /** A broker that is away comes back: what may have been written twice is the same message. */
  async #sendUntilTaken(messages: Message[]): Promise<void> {
    for (;;) {
      try {
        await this.#producer.send({ topic: TOPIC, messages, acks: -1 });
        return;
      } catch {
        this.#port.count('publishFailed', messages.length);
        await pause(RETRY_MS);
      }
    }
  }

  #message(
    { userId }: Customer,
    jobId: string,
    { previous, level, ...update }: PlannedUpdate,
    dueMs: number,
  ): Message {
    const messageId = uuidv7();
    const value = this.#type.toBuffer({
      ...{ messageId, jobId, userId, orderId: orderIdOf(jobId), causationId: messageId },
      ...{ ...update, previousSequences: previous, level: level.toUpperCase() },
      ...{ step: null, reason: null, detail: stampOf(dueMs, this.#payload) },
      occurredAt: Math.floor(dueMs),
    });
    const header = Buffer.alloc(5);
    header.writeUInt32BE(this.#schemaId, 1);
    // Not sampled: spans of every update would be a load of their own.
    const trace = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
    const headers = { id: messageId, eventType: update.kind, traceparent: trace };
    return { key: jobId, value: Buffer.concat([header, value]), headers };
  }
}

async function connected(work: PublisherWork) {
  const kafka = new Kafka({
    clientId: `sagaproof-${work.scenario}`,
    brokers: [work.bootstrap],
    logLevel: logLevel.NOTHING,
  });
  // Idempotent: a batch that is sent again after a lost answer is no second update.
  const producer = kafka.producer({ allowAutoTopicCreation: false, idempotent: true });
  await producer.connect();
  const registry = new SchemaRegistry({ host: work.registryUrl });
  const subject = valueSubject(TOPIC);
  const schemaId = await registry.getLatestSchemaId(subject).catch(async () => {
    const schema = { type: SchemaType.AVRO, schema: SCHEMA } as const;
    return (await registry.register(schema, { subject })).id;
  });
  return { producer, schemaId };
}

/** Serves the run until it says `finish`. */
export async function publishUpdates(work: PublisherWork): Promise<void> {
  const connection = await connected(work);
  const shard = new LoadShard(work.runFolder);
  const port = new WorkerPort(() => ({ openSockets: 0, readySockets: 0 }));
  const publisher = new UpdatePublisher(work, connection, { port, shard });
  const stop = new AbortController();
  const { updates } = work.model;
  const schedule = new Schedule(updates ? stagesOf(updates.perSecond, work.model) : []);
  const play = async (startMs: number) => {
    await atArrivals(
      schedule,
      startMs,
      (n, dueMs, lateMs) => {
        port.time('late', lateMs);
        publisher.publish(n, dueMs);
      },
      stop.signal,
    );
    await publisher.idle();
    port.flush();
    port.send({ what: 'stopped', published: publisher.published });
  };
  port.on((message) => {
    if (message.what === 'start') void play(message.atMs);
    if (message.what === 'stop') stop.abort();
    if (message.what !== 'finish') return;
    shard.close();
    port.send({ what: 'finished', missing: 0, unfinished: 0 });
    void connection.producer.disconnect().finally(() => port.close());
  });
  port.flush();
}
