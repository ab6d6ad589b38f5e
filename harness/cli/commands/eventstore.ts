import { type Command, InvalidArgumentError, Option } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';

const PORT_DEFAULT = 2113;
const PORT_MAX = 65_535;

const HELP = `
Exit code: 0 stopped by Ctrl-C or SIGTERM, 2 it could not start, or it ended.
The passwords of admin and ops are changeit, or what EVENTSTORE_DEFAULT_ADMIN_PASSWORD and
EVENTSTORE_DEFAULT_OPS_PASSWORD have at the first start.

Examples:
  $ pnpm sagaproof eventstore --data ./events
  $ pnpm sagaproof eventstore --data ./events --port 0 --json | jq -r .url
  $ pnpm sagaproof eventstore --data ./events --tls-cert node.crt --tls-key node.key
`;

export function addEventstore(program: Command): void {
  program
    .command('eventstore')
    .description('run the embedded EventStoreDB server, for tests and development')
    .requiredOption('--data <folder>', 'where the events are kept; created when missing')
    .option('--port <port>', 'port for gRPC and HTTP; 0 for any free port', parsePort, PORT_DEFAULT)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--advertise-host <host>', 'host that discovering clients are given')
    .option('--advertise-port <port>', 'port that discovering clients are given', parsePort)
    .option('--tls-cert <file>', 'certificate of the server, PEM: turns on TLS and users')
    .option('--tls-key <file>', 'private key of the certificate, PEM')
    .option('--tls-ca <file>', 'authority that signs the certificates of users, PEM')
    .option('--users <file>', 'further users, JSON: [{loginName, password, groups}]')
    .addOption(
      new Option('--max-append-size <bytes>', 'limit of one append (default: 1048576)').argParser(
        parseBytes,
      ),
    )
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(lazyAction(async () => (await import('../actions/eventstore.ts')).eventstore));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= PORT_MAX) return port;
  throw new InvalidArgumentError(`must be a whole number from 0 to ${PORT_MAX}`);
}

function parseBytes(text: string): number {
  const bytes = Number(text);
  if (Number.isInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidArgumentError('must be a whole number above 0');
}
