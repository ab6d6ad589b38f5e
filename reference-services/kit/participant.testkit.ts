import { randomUUID } from 'node:crypto';
import { type Codec, createCodec } from './avro.ts';
import { testContext } from './context.testkit.ts';
import type { CommandOf, EventOf, ParticipantName } from './participant.ts';
import { startTestPostgres } from './postgres.testkit.ts';
import { type Database, postgresPool } from './postgres.ts';
import { memoryRegistry } from './registry.testkit.ts';
import type { OwnedContext } from './service.ts';

/** What a participant needs: a real Postgres, and what its outbox holds. */
export interface ParticipantWorld<N extends ParticipantName> extends AsyncDisposable {
  readonly context: OwnedContext;
  readonly database: Database;
  readonly codec: Codec;
  /** A command with fresh ids. */
  command(payload: CommandOf<N>['payload'], orderId?: string): CommandOf<N>;
  /** What the outbox has under a key, decoded as its readers will. */
  published(key: string): Promise<Array<EventOf<N>>>;
}

/** Starts what a participant needs. */
export async function participantWorld<N extends ParticipantName>(
  name: N,
  migrations: readonly string[],
): Promise<ParticipantWorld<N>> {
  const context = testContext(`${name}-1`);
  const postgres = await startTestPostgres();
  const database = await postgresPool(context, await postgres.createDatabase(), { migrations });
  const topic = `${name}.events` as const;
  const codec = await createCodec([`${name}.commands`, topic], memoryRegistry());
  return {
    context,
    database,
    codec,
    command: (payload, orderId = randomUUID()) =>
      ({
        messageId: randomUUID(),
        jobId: randomUUID(),
        orderId,
        causationId: randomUUID(),
        occurredAt: 1,
        payload,
      }) as CommandOf<N>,
    async published(key) {
      const rows = await database.query<{ payload: Buffer }>(
        'select payload from outbox where aggregateid = $1 order by created_at',
        [key],
      );
      return Promise.all(
        rows.map(async ({ payload }) => (await codec.decode(topic, payload)) as EventOf<N>),
      );
    },
    async [Symbol.asyncDispose]() {
      await context.end();
      await postgres[Symbol.asyncDispose]();
    },
  };
}
