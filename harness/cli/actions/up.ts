import { result, resultJson } from '../../terminal/output.ts';
import type { BootOptions } from '../../testbed/stack.ts';
import { renderAddressBook } from '../address-table.ts';
import { bootWithProgress } from '../boot.ts';
import { interruption } from '../interruption.ts';

interface UpOptions {
  readonly fresh?: boolean;
  readonly subject: readonly string[];
  readonly config?: string;
  readonly only?: readonly string[];
  readonly json?: boolean;
}

/** `sagaproof up`: boots, or takes what runs, and shows where everything is. */
export async function up(options: UpOptions): Promise<void> {
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
