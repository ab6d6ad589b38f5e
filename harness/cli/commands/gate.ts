import type { Command } from 'commander';
import type { Answer } from '../../gate/answer/answer.ts';
import { renderTable } from '../../gate/answer/render-table.ts';
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
    .option('--repo <folder>', 'the repository', process.cwd())
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(ask);
  command
    .command('record-deployment <service> <version>')
    .description('write down that a version runs in an environment')
    .requiredOption('--to <environment>', 'where it runs')
    .option('--commit <ref>', 'the commit that it was built from', 'HEAD')
    .action(record);
}

async function ask(options: GateOptions): Promise<void> {
  const { gate } = await import('../../gate/gate.ts');
  const answer = await gate({
    repository: options.repo,
    staged: options.staged ?? false,
    ...(options.base === undefined ? {} : { base: options.base }),
    ...(options.against === undefined ? {} : { against: options.against }),
    ...(options.service === undefined ? {} : { service: options.service }),
    ...(options.serviceVersion === undefined ? {} : { version: options.serviceVersion }),
  });
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
  const { GitRepository } = await import('../../gate/sources/git.ts');
  const { recordDeployment } = await import('../../gate/deployments.ts');
  const { checkService } = await import('../../gate/gate.ts');
  const { folderTree } = await import('../../gate/sources/tree.ts');
  const { readGateConfig } = await import('../../gate/config.ts');
  const { repo } = command.optsWithGlobals<{ repo: string }>();
  const repository = await GitRepository.at(repo);
  const head = folderTree(repository.root, 'the working tree');
  checkService(service, head, readGateConfig(head));
  const commit = await repository.commitOf(ref);
  recordDeployment(repository.root, to, { service, version, commit });
  note(`${service} ${version} (${commit.slice(0, 7)}) runs in ${to}`);
}
