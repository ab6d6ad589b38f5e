import { type Command, Option } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

const HELP = `
Exit code: 0 yes, 1 no, 2 unknown (or the question could not be asked).

Examples:
  $ pnpm sagaproof gate                             the working tree beside where it left main
  $ pnpm sagaproof gate --base v1.3.0               beside a commit, tag or branch
  $ pnpm sagaproof gate --staged                    what is staged (pre-commit)
  $ pnpm sagaproof gate --service order --service-version 1.4.0 --against prod
  $ pnpm sagaproof gate --running                   ask the consumers that run, too
  $ pnpm sagaproof gate record-deployment inventory 1.2.1 --to prod
`;

/** `sagaproof gate`: can this be deployed beside what runs? */
export function addGate(program: Command): void {
  const command = program
    .command('gate')
    .description('can what is here be deployed beside what runs today?')
    .option('--base <ref>', 'commit, tag or branch to compare with (default: where HEAD left main)')
    .addOption(
      new Option(
        '--against <environment>',
        'compare with what contracts/deployments.yaml says runs there',
      ).conflicts('base'),
    )
    .option('--service <name>', 'ask about one service')
    .option('--service-version <version>', 'its version, for the answer')
    .option('--staged', 'ask about what is staged, as a pre-commit hook does')
    .addOption(
      new Option('--repo <folder>', 'the repository').default(process.cwd(), 'this folder'),
    )
    .option('--registry <url>', "compare with a schema registry's versions as well (Confluent API)")
    .option(
      '--running [folder]',
      'play recorded messages to the consumers of a system that is up (default: the one that runs)',
    )
    .option('--junit <file>', 'write the answer as JUnit XML')
    .option('--sarif <file>', 'write the answer as SARIF')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(later(async () => (await import('../actions/gate.ts')).ask));
  command
    .command('record-deployment <service> <version>')
    .description('write down that a version runs in an environment')
    .requiredOption('--to <environment>', 'where it runs')
    .option('--commit <ref>', 'the commit that it was built from', 'HEAD')
    .action(later(async () => (await import('../actions/gate-records.ts')).record));
  command
    .command('record-verification <consumer> <provider>')
    .description('write down how the verification of a pact ended')
    .requiredOption('--provider-version <version>', 'the version that was verified')
    .addOption(new Option('--passed', 'it passed').conflicts('failed'))
    .addOption(new Option('--failed', 'it failed').conflicts('passed'))
    .option('--run <folder>', 'the run that showed it')
    .action(later(async () => (await import('../actions/gate-records.ts')).recordPact));
  command
    .command('record <run>')
    .description("grow contracts/corpus by real messages of a run, while the run's stack is up")
    .option('--stack <folder>', 'run folder of the stack (default: the one that runs)')
    .action(later(async () => (await import('../actions/gate-records.ts')).recordMessages));
}
