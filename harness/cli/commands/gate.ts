import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { Answer } from '../../gate/answer/answer.ts';
import { toJunit } from '../../gate/answer/junit.ts';
import { renderTable } from '../../gate/answer/render-table.ts';
import { toSarif } from '../../gate/answer/sarif.ts';
import { jsonOption } from '../json-option.ts';
import { EXIT, note, result, resultJson } from '../output.ts';

const HELP = `
Exit code: 0 yes, 1 no, 2 unknown (or the question could not be asked).

Examples:
  $ pnpm sagaproof gate                             the working tree beside where it left main
  $ pnpm sagaproof gate --base v1.3.0               beside a commit, tag or branch
  $ pnpm sagaproof gate --staged                    what is staged (pre-commit)
  $ pnpm sagaproof gate --service order --service-version 1.4.0 --against prod
  $ pnpm sagaproof gate record-deployment inventory 1.2.1 --to prod
`;

interface GateOptions {
  readonly repo: string;
  readonly base?: string;
  readonly against?: string;
  readonly staged?: boolean;
  readonly service?: string;
  readonly serviceVersion?: string;
  readonly registry?: string;
  readonly junit?: string;
  readonly sarif?: string;
  readonly json?: boolean;
}

const EXIT_OF: Readonly<Record<Answer['answer'], number>> = {
  yes: EXIT.ok,
  no: EXIT.no,
  unknown: EXIT.unable,
};

/** `sagaproof gate`: can this be deployed beside what runs? */
export function addGate(program: Command): void {
  const command = program
    .command('gate')
    .description('can what is here be deployed beside what runs today?')
    .option('--base <ref>', 'commit, tag or branch to compare with (default: where HEAD left main)')
    .option(
      '--against <environment>',
      'compare with what contracts/deployments.yaml says runs there',
    )
    .option('--service <name>', 'ask about one service')
    .option('--service-version <version>', 'its version, for the answer')
    .option('--staged', 'ask about what is staged, as a pre-commit hook does')
    .addOption(
      new Option('--repo <folder>', 'the repository').default(process.cwd(), 'this folder'),
    )
    .option('--registry <url>', "compare with a schema registry's versions as well (Confluent API)")
    .option('--junit <file>', 'write the answer as JUnit XML')
    .option('--sarif <file>', 'write the answer as SARIF')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(ask);
  command
    .command('record-deployment <service> <version>')
    .description('write down that a version runs in an environment')
    .requiredOption('--to <environment>', 'where it runs')
    .option('--commit <ref>', 'the commit that it was built from', 'HEAD')
    .action(record);
  command
    .command('record-verification <consumer> <provider>')
    .description('write down how the verification of a pact ended')
    .requiredOption('--provider-version <version>', 'the version that was verified')
    .addOption(new Option('--passed', 'it passed').conflicts('failed'))
    .addOption(new Option('--failed', 'it failed').conflicts('passed'))
    .option('--run <folder>', 'the run that showed it')
    .action(recordPact);
  command
    .command('record <run>')
    .description("grow contracts/corpus by real messages of a run, while the run's stack is up")
    .option('--stack <folder>', 'run folder of the stack (default: the one that runs)')
    .action(recordMessages);
}

async function ask(options: GateOptions): Promise<void> {
  const { gate } = await import('../../gate/gate.ts');
  const broker = process.env['PACT_BROKER_BASE_URL'];
  const asked = options.service && options.serviceVersion && options.against;
  if (broker && !asked) {
    note(
      'The Pact Broker was not asked: it needs --service, --service-version and --against. contracts/pacts was used.',
    );
  }
  const answer = await gate({
    repository: options.repo,
    staged: options.staged ?? false,
    ...(options.base === undefined ? {} : { base: options.base }),
    ...(options.against === undefined ? {} : { against: options.against }),
    ...(options.service === undefined ? {} : { service: options.service }),
    ...(options.serviceVersion === undefined ? {} : { version: options.serviceVersion }),
    ...(options.registry === undefined ? {} : { registry: options.registry }),
    ...(broker ? { broker } : {}),
  });
  if (options.junit) writeFileSync(options.junit, toJunit(answer));
  if (options.sarif) writeFileSync(options.sarif, toSarif(answer));
  if (options.json) resultJson(answer);
  else result(renderTable(answer, process.stdout.columns));
  process.exitCode = EXIT_OF[answer.answer];
}

interface RecordOptions {
  readonly to: string;
  readonly commit: string;
}

async function record(
  service: string,
  version: string,
  { to, commit: ref }: RecordOptions,
  command: Command,
): Promise<void> {
  const { recordDeployment } = await import('../../gate/deployments.ts');
  const { checkService } = await import('../../gate/gate.ts');
  const { repo } = command.optsWithGlobals<{ repo: string }>();
  const { repository, tree, config } = await workingTree(repo);
  checkService(service, tree, config);
  const commit = await repository.commitOf(ref);
  recordDeployment(repository.root, to, { service, version, commit });
  note(`${service} ${version} (${commit.slice(0, 7)}) runs in ${to}`);
}

interface VerificationOptions {
  readonly providerVersion: string;
  readonly passed?: boolean;
  readonly failed?: boolean;
  readonly run?: string;
}

async function recordPact(
  consumer: string,
  provider: string,
  options: VerificationOptions,
  command: Command,
): Promise<void> {
  const { repo } = command.optsWithGlobals<{ repo: string }>();
  if (!options.passed && !options.failed) throw new Error('say how it ended: --passed or --failed');
  const { recordVerification } = await import('../../gate/pact/record.ts');
  const { tree, config } = await workingTree(repo);
  recordVerification(tree, config.pacts.folder, {
    consumer,
    provider,
    providerVersion: options.providerVersion,
    success: options.passed ?? false,
    ...(options.run === undefined ? {} : { run: options.run }),
  });
  note(
    `${consumer} → ${provider} ${options.providerVersion}: ${options.passed ? 'passed' : 'failed'}`,
  );
}

async function recordMessages(
  run: string,
  { stack }: { readonly stack?: string },
  command: Command,
): Promise<void> {
  const { repo } = command.optsWithGlobals<{ repo: string }>();
  const { recordRun } = await import('../../gate/truth/record.ts');
  const { addressBookOf } = await import('../../gate/truth/stack.ts');
  const { tree } = await workingTree(repo);
  const recorded = await recordRun(join(run, 'history.jsonl'), addressBookOf(stack), tree.root);
  for (const { topic, added } of recorded) note(`${topic}: ${added} messages added`);
}

async function workingTree(repo: string) {
  const { GitRepository } = await import('../../gate/sources/git.ts');
  const { folderTree } = await import('../../gate/sources/tree.ts');
  const { readGateConfig } = await import('../../gate/config.ts');
  const repository = await GitRepository.at(repo);
  const tree = folderTree(repository.root, 'the working tree');
  return { repository, tree, config: readGateConfig(tree) };
}
