import type { z } from 'zod';
import { type Codec, registryCodec } from './avro.ts';
import { common, hostPortVar, portVar, urlVar } from './config.ts';
import { type Implementation, serveGrpc } from './grpc.ts';
import { kafkaProducer } from './kafka.ts';
import { sweepPeriodically } from './outbox.ts';
import { type CommandOf, consumeCommands, type ParticipantName } from './participant.ts';
import { type Database, postgresPool } from './postgres.ts';
import type { ServiceContext } from './service.ts';

/** What a participant reads from its environment. */
export const participantConfig = common.extend({
  GRPC_PORT: portVar,
  POSTGRES_URL: urlVar,
  KAFKA_BROKERS: hostPortVar,
  SCHEMA_REGISTRY_URL: urlVar,
});

/** What makes one participant differ from another. */
export interface Participant<N extends ParticipantName> {
  readonly name: N;
  readonly migrations: readonly string[];
  /** What is wrong with a command's payload; undefined when nothing is. */
  flawOf(payload: CommandOf<N>['payload']): string | undefined;
  compose(parts: { readonly database: Database; readonly codec: Codec }): {
    handle(command: CommandOf<N>): Promise<void>;
    readonly grpc: Implementation;
  };
}

/** Puts a participant together: Postgres, commands in, replies out by the outbox, gRPC. */
export async function runParticipant<N extends ParticipantName>(
  context: ServiceContext,
  config: z.infer<typeof participantConfig>,
  participant: Participant<N>,
): Promise<void> {
  const { name, migrations } = participant;
  const [database, codec] = await Promise.all([
    postgresPool(context, config.POSTGRES_URL, { migrations }),
    registryCodec({
      url: config.SCHEMA_REGISTRY_URL,
      topics: [`${name}.commands`, `${name}.events`],
      log: context.log,
      signal: context.signal,
    }),
  ]);
  const { handle, grpc } = participant.compose({ database, codec });
  const brokers = config.KAFKA_BROKERS;
  // It writes to the dead-letter topic only: replies go by the outbox.
  const producer = await kafkaProducer(context, { brokers, codec });
  await consumeCommands(context, {
    name,
    brokers,
    codec,
    producer,
    flawOf: participant.flawOf,
    handle,
  });
  sweepPeriodically(context, database);
  await serveGrpc(context, { port: config.GRPC_PORT, services: [grpc] });
}
