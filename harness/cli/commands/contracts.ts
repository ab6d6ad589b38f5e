import { type Command, Option } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';
import { subjectOption } from '../subject-option.ts';

const VERIFY_HELP = `
Each provider runs with its infrastructure; the harness acts as the other services. To verify your
own implementation, pass its manifest (--subject) or its address (--at). With --at, it has to use
the infrastructure of a running stack; boot one with \`pnpm sagaproof up\`.

Exit code: 0 all interactions passed, 1 an interaction failed, 2 some could not be verified.

Examples:
  $ pnpm sagaproof contracts verify                    all providers
  $ pnpm sagaproof contracts verify job-management
  $ pnpm sagaproof contracts verify job-management --subject ../jobs/sagaproof.service.yaml
  $ pnpm sagaproof contracts verify job-management --at grpc://127.0.0.1:50051
`;

const CONFORM_HELP = `
Calls every RPC with unknown, missing and invalid fields, oversized messages, expired deadlines and
cancelled calls, and fuzzes the OpenAPI document with Schemathesis. The same seed sends the same
bytes.

Exit code: 0 all checks passed, 1 a check failed, 2 some checks could not be run.

Examples:
  $ pnpm sagaproof contracts conform                   all services that answer requests
  $ pnpm sagaproof contracts conform order --seed 5f3c1a
  $ pnpm sagaproof contracts conform order --subject ../order/sagaproof.service.yaml
  $ pnpm sagaproof contracts conform api-gateway --at http://127.0.0.1:8080
`;

const COVERAGE_HELP = `
The default history is runs/latest/history.jsonl, written by the latest \`sagaproof verify\`. gRPC
responses are taken from the latest \`sagaproof contracts verify\`.

Exit code: 0 all minimums are met, 1 a minimum is missed, 2 the recorded traffic is incomplete.

Examples:
  $ pnpm sagaproof contracts coverage
  $ pnpm sagaproof contracts coverage runs/latest/history.jsonl --min edges=100,operations=100,fields=95
`;

/** Adds `sagaproof contracts` and its subcommands. */
export function addContracts(program: Command): void {
  const command = program.command('contracts').description('consumer-driven contract tests');
  command
    .command('verify [providers...]')
    .description("verify consumers' contracts against running providers")
    .option('--consumer <name>', 'verify only the contracts of this consumer')
    .addOption(
      new Option('--pacts <folder>', 'folder of the pacts').default(undefined, 'contracts/pacts'),
    )
    .addOption(subjectOption())
    .option('--at <url>', 'address of a running provider: grpc://, http:// or ws://host:port')
    .option('--config <file>', 'configuration file (default: sagaproof.config.ts in this folder)')
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--record <version>', 'record the verification result for this provider version')
    .addOption(jsonOption())
    .addHelpText('after', VERIFY_HELP)
    .action(lazyAction(async () => (await import('../actions/contracts.ts')).verify));
  command
    .command('conform [services...]')
    .description('run protocol conformance and fuzz tests')
    .option('--seed <text>', 'random seed; a new one is generated when omitted')
    .addOption(subjectOption())
    .option('--at <url>', 'address of a running service: grpc:// or http://host:port')
    .option('--config <file>', 'configuration file (default: sagaproof.config.ts in this folder)')
    .option('--junit <file>', 'write the results as JUnit XML')
    .addOption(jsonOption())
    .addHelpText('after', CONFORM_HELP)
    .action(lazyAction(async () => (await import('../actions/conform.ts')).conform));
  command
    .command('coverage [histories...]')
    .description('compare recorded traffic with the contracts')
    .addOption(
      new Option('--min <percentages>', 'minimum percentages, in both directions').default(
        undefined,
        'none: report only',
      ),
    )
    .addOption(
      new Option('--pacts <folder>', 'folder of the pacts').default(undefined, 'contracts/pacts'),
    )
    .addOption(
      new Option('--unread <folder>', 'folder of the fields that consumers do not read').default(
        undefined,
        'contracts/unread',
      ),
    )
    .addOption(
      new Option('--wire <folder>', 'traffic recorded by contracts verify').default(
        undefined,
        'runs/contracts',
      ),
    )
    .addOption(jsonOption())
    .addHelpText('after', COVERAGE_HELP)
    .action(lazyAction(async () => (await import('../actions/coverage.ts')).coverage));
}
