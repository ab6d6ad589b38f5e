/**
 * The floor under a saga's latency: what its serial path costs when every participant answers
 * immediately. It is counted from the design, and each kind of hop is measured alone on the same
 * machine in the same run.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { Admin, Consumer, Producer } from '@platformatic/kafka';
import type { Stack } from '#harness/testbed/stack.ts';
import type { FindingsTable } from './bench.ts';
import { median, millis, times } from './stats.ts';

/**
 * Appends of the order service, each one synced by the event store before it answers: the start of
 * the saga and the four replies, whose decisions (the next command, the outcome) share the append.
 * Postgres (`fsync = off`), Kafka and Redis (no log) sync nothing on this path.
 */
const SERIAL_FSYNCS = 5;

/**
 * Calls that wait for an answer: client → gateway (HTTP, which costs no less than gRPC), gateway →
 * auth, → job-management, → order, and the five appends. Loads are not counted: an order service
 * could keep its orders in memory.
 */
const SERIAL_CALLS = 9;

/**
 * Messages on the serial path: four commands, four replies, the outcome for job-management and
 * the update for websocket. A reply's way through the outbox (commit, replication, Debezium) is
 * counted as the one produce→consume that it ends in.
 */
const SERIAL_MESSAGES = 10;

const SAMPLES = 300;
/** The first ones open connections and compile code. */
const WARM_UP_SAMPLES = 100;
const BLOCK = Buffer.alloc(4_096, 1);
const CALL_TIMEOUT_MS = 5_000;

export interface Floor {
  readonly fsyncMs: number;
  readonly callMs: number;
  readonly messageMs: number;
  readonly totalMs: number;
}

export async function measureFloor(stack: Stack): Promise<Floor> {
  const fsyncMs = await medianOf(fsyncs(stack.runFolder));
  const callMs = await medianOf(calls(stack));
  const messageMs = await medianOf(messages(stack.addressBook.kafka.bootstrap));
  const totalMs = SERIAL_FSYNCS * fsyncMs + SERIAL_CALLS * callMs + SERIAL_MESSAGES * messageMs;
  return { fsyncMs, callMs, messageMs, totalMs };
}

export function floorTable(floor: Floor, p50Ms: number): FindingsTable {
  const row = (name: string, count: number, eachMs: number) => [
    name,
    count,
    millis(eachMs),
    millis(count * eachMs),
  ];
  return {
    head: ['floor: what happens one after another', 'times', 'each (p50)', 'together'],
    rows: [
      row('fsync of 4 KiB', SERIAL_FSYNCS, floor.fsyncMs),
      row('unary gRPC call over loopback', SERIAL_CALLS, floor.callMs),
      row('Kafka produce → consume', SERIAL_MESSAGES, floor.messageMs),
      ['floor', '', '', millis(floor.totalMs)],
      ['p50 of a saga', '', times(p50Ms / floor.totalMs), millis(p50Ms)],
    ],
  };
}

/** An operation that is repeated, then disposed. */
interface Sample extends AsyncDisposable {
  once(): Promise<void> | void;
}

async function medianOf(making: Promise<Sample> | Sample): Promise<number> {
  await using sample = await making;
  const wallsMs: number[] = [];
  for (let done = 0; done < WARM_UP_SAMPLES + SAMPLES; done += 1) {
    const startedMs = performance.now();
    await sample.once();
    if (done >= WARM_UP_SAMPLES) wallsMs.push(performance.now() - startedMs);
  }
  return median(wallsMs);
}

/** On the file system that the event store writes to. */
function fsyncs(folder: string): Sample {
  const path = join(folder, 'fsync.sample');
  const file = openSync(path, 'a');
  return {
    once() {
      writeSync(file, BLOCK);
      fsyncSync(file);
    },
    async [Symbol.asyncDispose]() {
      closeSync(file);
      rmSync(path);
    },
  };
}

/** A health check of a running service: the cheapest call. */
function calls(stack: Stack): Sample {
  const [auth] = stack.addressBook.services['auth']?.instances ?? [];
  if (auth === undefined) throw new Error('the stack has no auth');
  const client = new Client(`${auth.host}:${auth.ports['grpc']}`, credentials.createInsecure());
  const bytes = (message: Buffer) => message;
  return {
    once: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          '/grpc.health.v1.Health/Check',
          bytes,
          bytes,
          Buffer.alloc(0),
          { deadline: Date.now() + CALL_TIMEOUT_MS },
          (error) => (error ? reject(error) : resolve()),
        );
      }),
    async [Symbol.asyncDispose]() {
      client.close();
    },
  };
}

/** One record at a time, produced as the services do it, until a consumer has it. */
async function messages(broker: string): Promise<Sample> {
  const topic = `bench-${randomUUID()}`;
  const base = { clientId: 'bench', bootstrapBrokers: [broker] };
  const admin = new Admin(base);
  await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
  const producer = new Producer({ ...base, idempotent: true, acks: -1 });
  const consumer = new Consumer({ ...base, groupId: topic, autocommit: false, maxWaitTime: 1_000 });
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest' });
  const records = stream[Symbol.asyncIterator]();
  return {
    async once() {
      const taken = records.next();
      await producer.send({ messages: [{ topic, key: Buffer.from('k'), value: BLOCK }] });
      await taken;
    },
    async [Symbol.asyncDispose]() {
      await stream.close();
      await consumer.close(true);
      await producer.close();
      await admin.deleteTopics({ topics: [topic] });
      await admin.close();
    },
  };
}
