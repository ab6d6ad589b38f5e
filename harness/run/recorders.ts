import { EventStoreWitness } from '../history/eventstore-witness.ts';
import { KafkaWitness } from '../history/kafka-witness.ts';
import { startProcesses } from '../history/processes.ts';
import { closeSource, type RecordEvent, type Recorder } from '../history/recorder.ts';
import { startSpans } from '../history/spans.ts';
import type { Stack } from '../testbed/stack.ts';

/** All witnesses of a run, as one. */
export interface Recorders {
  /** Has every source read up to its end, and says of each whether it could. */
  settle(deadlineMs: number): Promise<void>;
  /** Stops them all; safe to call whatever happened. */
  close(): Promise<void>;
}

/** Starts the witnesses of a stack; from when it resolves on, nothing escapes them. */
export async function startRecorders(
  stack: Stack,
  run: string,
  record: RecordEvent,
): Promise<Recorders> {
  const book = stack.addressBook;
  const recorders: Recorder[] = await Promise.all([
    KafkaWitness.start({
      bootstrap: book.kafka.bootstrap,
      registryUrl: book.registry.url,
      run,
      record,
    }),
    EventStoreWitness.start(book.eventstore.connectionString, record),
    startSpans(book.otlp.spansUrl, record),
    startProcesses(stack.runFolder, record),
  ]);
  return {
    async settle(deadlineMs) {
      for (const recorder of recorders) await closeSource(recorder, record, deadlineMs);
    },
    async close() {
      await Promise.allSettled(recorders.map((recorder) => recorder.close()));
    },
  };
}
