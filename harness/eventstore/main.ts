/** Composition root of the embedded event store: flags and environment in, one JSON line out. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { startEventStoreServer } from './server.ts';
import { openSqliteStore } from './sqlite-store.ts';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly advertiseHost?: string;
  readonly advertisePort?: number;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  }
  return port;
}

const program = new Command('eventstore')
  .description('The embedded event store: the EventStoreDB gRPC protocol on SQLite.')
  .addOption(new Option('--host <host>', 'listen here').env('EVENTSTORE_HOST').default('127.0.0.1'))
  .addOption(
    new Option('--port <port>', '0 for any free port')
      .env('EVENTSTORE_PORT')
      .argParser(parsePort)
      .default(0),
  )
  .addOption(
    new Option('--data <folder>', 'where the events are kept')
      .env('EVENTSTORE_DATA')
      .makeOptionMandatory(),
  )
  .addOption(
    new Option('--advertise-host <host>', 'what gossip tells').env('EVENTSTORE_ADVERTISE_HOST'),
  )
  .addOption(
    new Option('--advertise-port <port>', 'what gossip tells')
      .env('EVENTSTORE_ADVERTISE_PORT')
      .argParser(parsePort),
  )
  .parse();

const { host, port, data, advertiseHost, advertisePort } = program.opts<Options>();

/** Events can hold secrets, such as tokens of cards: other accounts cannot read them. */
const PRIVATE_UMASK = 0o077;
process.umask(PRIVATE_UMASK);

try {
  const store = openSqliteStore({ folder: data });
  const server = await startEventStoreServer({
    store,
    host,
    port,
    advertised: {
      ...(advertiseHost === undefined ? {} : { host: advertiseHost }),
      ...(advertisePort === undefined ? {} : { port: advertisePort }),
    },
  });
  const stop = async () => {
    await server[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  process.stdout.write(`${JSON.stringify({ listening: server.port })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
