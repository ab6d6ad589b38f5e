import { join } from 'node:path';
import type { Command } from 'commander';
import { readGateConfig } from '../../gate/config.ts';
import { recordDeployment } from '../../gate/deployments.ts';
import { checkService } from '../../gate/gate.ts';
import { recordVerification } from '../../gate/pact/record.ts';
import { recordRun } from '../../gate/recorded/record.ts';
import { addressBookOf } from '../../gate/recorded/stack.ts';
import { GitRepository } from '../../gate/sources/git.ts';
import { folderTree } from '../../gate/sources/tree.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { note } from '../../terminal/output.ts';

interface RecordOptions {
  readonly to: string;
  readonly commit: string;
}

/** Records a deployment. */
export async function record(
  service: string,
  version: string,
  { to, commit: ref }: RecordOptions,
  command: Command,
): Promise<void> {
  const { repo } = command.optsWithGlobals<{ repo: string }>();
  const { repository, tree, config } = await workingTree(repo);
  checkService(service, tree, config);
  const commit = await repository.commitOf(ref);
  recordDeployment(repository.root, to, { service, version, commit });
  note(`recorded: ${service} ${version} (${commit.slice(0, 7)}) is deployed in ${to}`);
}

interface VerificationOptions {
  readonly providerVersion: string;
  readonly passed?: boolean;
  readonly failed?: boolean;
  readonly run?: string;
}

/** Records the result of a pact verification. */
export async function recordPact(
  consumer: string,
  provider: string,
  options: VerificationOptions,
  command: Command,
): Promise<void> {
  const { repo } = command.optsWithGlobals<{ repo: string }>();
  if (!options.passed && !options.failed)
    throw new SagaproofError('usage', 'the result is missing', {
      fix: 'pass --passed or --failed',
    });
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

/** Adds messages of a run to the corpus. */
export async function recordMessages(
  run: string,
  { stack }: { readonly stack?: string },
  command: Command,
): Promise<void> {
  const { repo } = command.optsWithGlobals<{ repo: string }>();
  const { tree } = await workingTree(repo);
  const recorded = await recordRun(join(run, 'history.jsonl'), addressBookOf(stack), tree.root);
  for (const { topic, added } of recorded) note(`${topic}: ${added} messages added`);
}

async function workingTree(repo: string) {
  const repository = await GitRepository.at(repo);
  const tree = folderTree(repository.root, 'the working tree');
  return { repository, tree, config: readGateConfig(tree) };
}
