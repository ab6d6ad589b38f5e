import { type Command, Option } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';

const HELP = `
Exit code: 0 safe, 1 not safe, 2 unknown (or the check could not run).

Examples:
  $ pnpm sagaproof gate                             compare with the merge base on main
  $ pnpm sagaproof gate --base v1.3.0               compare with a commit, tag or branch
  $ pnpm sagaproof gate --staged                    check staged changes (pre-commit)
  $ pnpm sagaproof gate --service order --service-version 1.4.0 --against prod
  $ pnpm sagaproof gate --running                   also replay messages to running consumers
  $ pnpm sagaproof gate record-deployment inventory 1.2.1 --to prod
`;

/** Adds `sagaproof gate` and its subcommands. */
export function addGate(program: Command): void {
  const command = program
    .command('gate')
    .description('check whether schema and contract changes are safe to deploy')
    .option(
      '--base <ref>',
      'commit, tag or branch to compare with (default: where the branch left the main branch)',
    )
    .addOption(
      new Option(
        '--against <environment>',
        'compare with the versions deployed there (contracts/deployments.yaml)',
      ).conflicts('base'),
    )
    .option('--service <name>', 'check one service')
    .option('--service-version <version>', 'version of that service')
    .option('--staged', 'check staged changes, for a pre-commit hook')
    .addOption(
      new Option('--repo <folder>', 'repository to check').default(process.cwd(), 'this folder'),
    )
    .option('--registry <url>', "also compare with a schema registry's versions (Confluent API)")
    .option(
      '--running [folder]',
      'also replay recorded messages to the consumers of a running stack (default: the running one)',
    )
    .option('--junit <file>', 'write the result as JUnit XML')
    .option('--sarif <file>', 'write the result as SARIF')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(lazyAction(async () => (await import('../actions/gate.ts')).ask));
  command
    .command('init')
    .description('find schemas and contracts in a repository and write gate.yaml')
    .option('--force', 'replace existing settings')
    .action(lazyAction(async () => (await import('../actions/gate-init.ts')).init));
  command
    .command('record-deployment <service> <version>')
    .description('record that a version is deployed in an environment')
    .requiredOption('--to <environment>', 'environment')
    .option('--commit <ref>', 'commit that the version was built from', 'HEAD')
    .action(lazyAction(async () => (await import('../actions/gate-records.ts')).record));
  command
    .command('record-verification <consumer> <provider>')
    .description('record the result of a pact verification')
    .requiredOption('--provider-version <version>', 'verified version of the provider')
    .addOption(new Option('--passed', 'it passed').conflicts('failed'))
    .addOption(new Option('--failed', 'it failed').conflicts('passed'))
    .option('--run <folder>', 'run folder of the verification')
    .action(lazyAction(async () => (await import('../actions/gate-records.ts')).recordPact));
  command
    .command('record <run>')
    .description("add messages of a run to contracts/corpus; the run's stack must be running")
    .option('--stack <folder>', 'run folder of the stack (default: the running one)')
    .action(lazyAction(async () => (await import('../actions/gate-records.ts')).recordMessages));
}
