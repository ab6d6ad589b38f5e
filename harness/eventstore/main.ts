/** Composition root of the embedded event store: flags and environment in, one JSON line out. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { NewUser } from './access/users.ts';
import type { TlsOptions } from './listener.ts';
import { startEventStoreServer } from './server.ts';
import { openSqliteStore } from './sqlite-store.ts';

/** 16 MiB: what one message of the protocol can carry. */
const APPEND_BYTES_MAX = 16_777_216;

interface Options {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly advertiseHost?: string;
  readonly advertisePort?: number;
  readonly insecure?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
  readonly adminPassword: string;
  readonly opsPassword: string;
  readonly users?: string;
  readonly maxAppendSize?: number;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  }
  return port;
}

function parseBytes(text: string): number {
  const bytes = Number(text);
  if (!Number.isInteger(bytes) || bytes <= 0 || bytes > APPEND_BYTES_MAX) {
    throw new InvalidArgumentError(`A size is a whole number from 1 to ${APPEND_BYTES_MAX}.`);
  }
  return bytes;
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
  .addOption(new Option('--insecure', 'no TLS, no users (default without --tls-cert)'))
  .addOption(
    new Option('--tls-cert <file>', 'certificate of this server, PEM; needs --tls-key')
      .env('EVENTSTORE_TLS_CERT')
      .conflicts('insecure'),
  )
  .addOption(new Option('--tls-key <file>', 'its private key, PEM').env('EVENTSTORE_TLS_KEY'))
  .addOption(
    new Option('--tls-ca <file>', 'signs the certificates of users, PEM').env('EVENTSTORE_TLS_CA'),
  )
  .addOption(
    new Option('--admin-password <password>', 'of user admin, on the first start with TLS')
      .env('EVENTSTORE_DEFAULT_ADMIN_PASSWORD')
      .default('changeit'),
  )
  .addOption(
    new Option('--ops-password <password>', 'of user ops, on the first start with TLS')
      .env('EVENTSTORE_DEFAULT_OPS_PASSWORD')
      .default('changeit'),
  )
  .addOption(
    new Option('--users <file>', 'further users, JSON: [{loginName, password, groups}]').env(
      'EVENTSTORE_USERS',
    ),
  )
  .addOption(
    new Option('--max-append-size <bytes>', 'what one append may hold (default: 1 MiB)')
      .env('EVENTSTORE_MAX_APPEND_SIZE')
      .argParser(parseBytes),
  )
  .parse();

const options = program.opts<Options>();
const { host, port, data, advertiseHost, advertisePort } = options;

function readFile(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${flag} ${path} cannot be read: ${(error as Error).message}`);
  }
}

function readTls({ tlsCert, tlsKey, tlsCa }: Options): TlsOptions | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new Error('--tls-cert and --tls-key are needed together; one is missing.');
  }
  return {
    certificate: readFile('--tls-cert', tlsCert),
    key: readFile('--tls-key', tlsKey),
    authority: tlsCa === undefined ? undefined : readFile('--tls-ca', tlsCa),
  };
}

function readUsers({ users }: Options): NewUser[] {
  if (users === undefined) return [];
  const json: unknown = JSON.parse(readFile('--users', users).toString());
  if (!Array.isArray(json)) throw new Error(`--users ${users} is not a JSON list.`);
  return json.map((user: Partial<NewUser>, index) => {
    const { loginName, password, groups = [], fullName = loginName } = user;
    if (typeof loginName !== 'string' || typeof password !== 'string') {
      throw new Error(`--users ${users}: user ${index} needs a loginName and a password.`);
    }
    return { loginName, password, groups, fullName: String(fullName) };
  });
}

/** Events can hold secrets, such as tokens of cards: other accounts cannot read them. */
const PRIVATE_UMASK = 0o077;
process.umask(PRIVATE_UMASK);

try {
  const tls = readTls(options);
  const store = openSqliteStore({ folder: data });
  const server = await startEventStoreServer({
    store,
    host,
    port,
    advertised: {
      ...(advertiseHost === undefined ? {} : { host: advertiseHost }),
      ...(advertisePort === undefined ? {} : { port: advertisePort }),
    },
    ...(tls === undefined
      ? {}
      : {
          tls,
          users: {
            adminPassword: options.adminPassword,
            opsPassword: options.opsPassword,
            others: readUsers(options),
          },
        }),
    ...(options.maxAppendSize === undefined ? {} : { appendBytesMax: options.maxAppendSize }),
  });
  const close = async () => {
    await server[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  // Ctrl-C reaches a whole group of processes, and a parent may pass it on as SIGTERM.
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    void close();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ listening: server.port })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
