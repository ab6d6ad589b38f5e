import type { HistorySource } from '../history/sources.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { deadline, orAborted, until } from '../kernel/poll.ts';
import { ConsumerGroups } from './consumer-groups.ts';
import { recordMongodb } from './end-states-mongodb.ts';
import { outboxIds, recordPostgres } from './end-states-postgres.ts';
import { recordRedis } from './end-states-redis.ts';
import { recordParticipants } from './end-states-services.ts';
import { EventStoreWitness } from './eventstore-witness.ts';
import { KafkaWitness } from './kafka-witness.ts';
import { startProcesses } from './processes.ts';
import { closeSource, type RecordEvent, type Recorder } from './recorder.ts';
import { RunEntities } from './run-entities.ts';
import { startSpans } from './spans.ts';

/** Everything is quiet when nothing was recorded for so long and no group lags behind. */
const QUIET_MS = 750;
/** From a stack that is up to witnesses that listen, on a machine that is busy. */
const START_DEADLINE_MS = 60_000;
/** Reading the end of a source, once all is quiet. */
const CLOSE_DEADLINE_MS = 10_000;

/** All that listens to a running stack. */
export interface Recorders {
  /**
   * Waits until nothing moves any more in the system, or the deadline. Rejects only when the signal
   * aborts.
   */
  quiet(deadlineMs: number, signal: AbortSignal): Promise<void>;
  /**
   * Call it when all clients have ended and all is quiet. Records the end states, reads every
   * source to its end, and records for each whether it is complete. Rejects only when the signal
   * aborts: then nobody waits for what is left.
   */
  settle(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts listening to a stack. When it resolves, nothing that happens from now on is missed; what
 * happened before is not recorded.
 *
 * @param book where everything is
 * @param run unique; names what has to be named
 * @param record takes each event
 * @param signal nobody waits any more when it aborts: this rejects with its reason
 */
export async function startRecorders(
  book: AddressBook,
  run: string,
  record: RecordEvent,
  signal: AbortSignal,
): Promise<Recorders> {
  using limit = deadline('listening to the stack', START_DEADLINE_MS, signal);
  const starting = start(book, run, record);
  try {
    return await orAborted(starting, limit.signal);
  } catch (error) {
    // What a system that went away still answers later has nobody to hear it.
    void starting.then((late) => late.close()).catch(() => undefined);
    throw error;
  }
}

async function start(book: AddressBook, run: string, record: RecordEvent): Promise<Recorders> {
  const beganMs = Date.now();
  const entities = new RunEntities();
  const published = new Set<string>();
  await using started = new AsyncDisposableStack();
  const open = <R extends Recorder>(recorder: R): R => {
    started.defer(() => recorder.close());
    return recorder;
  };
  const kafka = open(
    await KafkaWitness.start({
      bootstrap: book.kafka.bootstrap,
      registryUrl: book.registry.url,
      run,
      record: (event) => {
        entities.observe(event);
        if (event.type === 'kafka') published.add(String(event.headers['id']));
        record(event);
      },
    }),
  );
  const eventstore = open(await EventStoreWitness.start(book.eventstore.connectionString, record));
  const spans = open(await startSpans(book.otlp.spansUrl, record));
  const processes = open(startProcesses(book.runFolder, record));
  const groups = await ConsumerGroups.start(kafka.admin, kafka.groupId);
  // From here on it is the caller who closes them.
  const opened = started.move();

  const isQuiet = async (): Promise<boolean> => {
    if (Math.min(kafka.quietMs, eventstore.quietMs) < QUIET_MS) return false;
    if ((await groups.lag()) > 0) return false;
    const committed = await outboxIds(book, beganMs);
    return committed.every((id) => published.has(id));
  };
  return {
    async quiet(deadlineMs, signal) {
      // A system that never gets quiet is recorded as it is: invariants say what is missing.
      await until('a quiet system', isQuiet, deadlineMs, signal).catch(() => undefined);
      signal.throwIfAborted();
    },
    async settle(signal) {
      // Clients write what they see before they go on, and they have ended when this is called.
      for (const source of ['client', 'websocket'] as const) {
        record({ type: 'source-closed', source, state: 'complete', events: 0 });
      }
      await Promise.all([
        closeSource(spans, record, CLOSE_DEADLINE_MS),
        recordEndStates(record, {
          postgres: async () =>
            (await recordPostgres(book, beganMs, record)) +
            (await recordParticipants(book, entities, record)),
          redis: () => recordRedis(book.redis.url, beganMs, record),
          mongodb: () => recordMongodb(book.mongodb, beganMs, record),
        }),
      ]);
      signal.throwIfAborted();
      await groups.record(record).catch(() => undefined);
      for (const recorder of [kafka, eventstore, processes]) {
        await closeSource(recorder, record, CLOSE_DEADLINE_MS);
      }
    },
    close: () => opened.disposeAsync(),
  };
}

/** Reads each store once; one that cannot be read is incomplete, and says why. */
async function recordEndStates(
  record: RecordEvent,
  stores: Readonly<Partial<Record<HistorySource, () => Promise<number>>>>,
): Promise<void> {
  for (const [source, read] of Object.entries(stores) as Array<
    [HistorySource, () => Promise<number>]
  >) {
    let events = 0;
    await closeSource(
      {
        source,
        get events() {
          return events;
        },
        async settle() {
          events = await read();
        },
        async close() {},
      },
      record,
      CLOSE_DEADLINE_MS,
    );
  }
}
