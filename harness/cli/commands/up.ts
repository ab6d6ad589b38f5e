import type { Command } from 'commander';
import type { BootOptions } from '../../testbed/stack.ts';
import { renderAddressBook } from '../address-table.ts';
import { bootWithProgress, interruption } from '../boot.ts';
import { jsonOption } from '../json-option.ts';
import { result, resultJson } from '../output.ts';

interface UpOptions {
  readonly fresh?: boolean;
  readonly subject: readonly string[];
  readonly config?: string;
  readonly only?: readonly string[];
  readonly json?: boolean;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function addUp(program: Command): void {
  program
    .command('up')
    .description('boot the whole system, or use the one that runs, and keep it')
    .option('--fresh', 'a new one, even where one that would do is running')
    .option('--subject <manifest>', 'an implementation to put in (repeatable)', collect, [])
    .option('--config <file>', 'a sagaproof.config.ts other than the one in this folder')
    .option('--only <name...>', 'only these pieces and what they need')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ pnpm sagaproof up
  $ pnpm sagaproof up --subject ../my-order/sagaproof.service.yaml
  $ pnpm sagaproof up --only kafka registry
`,
    )
    .action(up);
}

async function up(options: UpOptions): Promise<void> {
  using interrupted = interruption();
  const startedAt = performance.now();
  const stack = await bootWithProgress({
    keep: true,
    subjects: options.subject,
    signal: interrupted.signal,
    ...(options.fresh ? { fresh: true } : {}),
    ...(options.config ? { config: options.config } : {}),
    // Names are checked where the stack is planned, which knows them all.
    ...(options.only ? { only: options.only as NonNullable<BootOptions['only']> } : {}),
  });
  const durationMs = Math.round(performance.now() - startedAt);
  const { addressBook, runFolder, reused } = stack;
  if (options.json) {
    const { runId, links } = addressBook;
    const services = Object.values(addressBook.services);
    // The book itself holds passwords: its path is told, not what is in it.
    resultJson({ run: runId, runFolder, reused, durationMs, services, links });
    return;
  }
  result(renderAddressBook(addressBook));
  const how = reused ? 'was running already' : `is up in ${(durationMs / 1_000).toFixed(1)} s`;
  result(`${addressBook.runId} ${how}. State and logs: ${runFolder}`);
}
