import { type Command, Option } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

const VERIFY_HELP = `
The provider runs with its infrastructure; the harness plays its neighbours. An implementation of
yours is put in by its manifest (--subject), or by where it runs (--at): then it has to use the
infrastructure of a system that is up already, see \`pnpm sagaproof up\`.

Exit code: 0 it keeps every promise, 1 it does not, 2 it could not be asked.

Examples:
  $ pnpm sagaproof contracts verify                    every provider, one after another
  $ pnpm sagaproof contracts verify job-management
  $ pnpm sagaproof contracts verify job-management --subject ../jobs/sagaproof.service.yaml
  $ pnpm sagaproof contracts verify job-management --at grpc://127.0.0.1:50051
`;

const CONFORM_HELP = `
Every RPC is asked with unknown, missing and wrong fields, oversized messages, deadlines that have
passed, and calls that are cancelled; the OpenAPI document is fuzzed by Schemathesis. The same seed
sends the same bytes.

Exit code: 0 it answers as promised, 1 it does not, 2 it could not be asked.

Examples:
  $ pnpm sagaproof contracts conform                   every service that answers requests
  $ pnpm sagaproof contracts conform order --seed 5f3c1a
  $ pnpm sagaproof contracts conform order --subject ../order/sagaproof.service.yaml
  $ pnpm sagaproof contracts conform api-gateway --at http://127.0.0.1:8080
`;

const COVERAGE_HELP = `
Without a history it is runs/latest/history.jsonl, that of the latest \`sagaproof verify\`. What
providers answer over gRPC is taken from the latest \`sagaproof contracts verify\`.

Exit code: 0 no minimum is missed, 1 one is, 2 not everything that crossed is known.

Examples:
  $ pnpm sagaproof contracts coverage
  $ pnpm sagaproof contracts coverage runs/latest/history.jsonl --min edges=100,operations=100,fields=95
`;

/** `sagaproof contracts`: do services keep what their consumers count on? */
export function addContracts(program: Command): void {
  const command = program
    .command('contracts')
    .description('hold services to what their consumers count on');
  command
    .command('verify [providers...]')
    .description("verify consumers' contracts at running providers")
    .option('--consumer <name>', 'only the contracts of this consumer')
    .addOption(
      new Option('--pacts <folder>', 'the contracts').default(undefined, 'contracts/pacts'),
    )
    .option('--subject <manifest>', 'an implementation to put in (repeatable)', collect, [])
    .option('--at <url>', 'where the provider runs already: grpc://, http:// or ws://host:port')
    .option('--config <file>', 'a sagaproof.config.ts other than the one in this folder')
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--record <version>', 'write down for the gate how this version of the provider did')
    .addOption(jsonOption())
    .addHelpText('after', VERIFY_HELP)
    .action(later(async () => (await import('../actions/contracts.ts')).verify));
  command
    .command('conform [services...]')
    .description('ask services what no consumer asks: every odd request has a promised answer')
    .option('--seed <text>', 'repeats what is sent; another one each time when absent')
    .option('--subject <manifest>', 'an implementation to put in (repeatable)', collect, [])
    .option('--at <url>', 'where the service runs already: grpc:// or http://host:port')
    .option('--config <file>', 'a sagaproof.config.ts other than the one in this folder')
    .option('--junit <file>', 'write the results as JUnit XML')
    .addOption(jsonOption())
    .addHelpText('after', CONFORM_HELP)
    .action(later(async () => (await import('../actions/conform.ts')).conform));
  command
    .command('coverage [histories...]')
    .description('compare what crossed the wire with what contracts say of it')
    .addOption(
      new Option('--min <percentages>', 'least percentages, in both directions').default(
        undefined,
        'none: only tell',
      ),
    )
    .addOption(
      new Option('--pacts <folder>', 'the contracts').default(undefined, 'contracts/pacts'),
    )
    .addOption(
      new Option('--unread <folder>', 'what consumers do not read').default(
        undefined,
        'contracts/unread',
      ),
    )
    .addOption(
      new Option('--wire <folder>', 'what verification saw').default(undefined, 'runs/contracts'),
    )
    .addOption(jsonOption())
    .addHelpText('after', COVERAGE_HELP)
    .action(later(async () => (await import('../actions/coverage.ts')).coverage));
}
