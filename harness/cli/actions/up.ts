import { startPrometheus } from '../../eyes/prometheus.ts';
import type { AddressBook } from '../../kernel/address-book.ts';
import { freePort } from '../../provision/boot-cache/server-process.ts';
import { note, result, resultJson } from '../../terminal/output.ts';
import { loadSubjects } from '../../testbed/services/subjects.ts';
import type { BootOptions } from '../../testbed/stack.ts';
import { renderAddressBook } from '../address-table.ts';
import { bootWithProgress } from '../boot.ts';
import { interruption } from '../interruption.ts';

interface UpOptions {
  readonly fresh?: boolean;
  readonly subject: readonly string[];
  readonly env: readonly string[];
  readonly config?: string;
  readonly only?: readonly string[];
  readonly wire?: boolean;
  readonly eyes?: boolean;
  readonly json?: boolean;
}

/**
 * `sagaproof up`: boots or reuses a stack and prints its addresses. With `--eyes`, Prometheus runs
 * until it is interrupted; the stack stays.
 */
export async function up(options: UpOptions): Promise<void> {
  using interrupted = interruption();
  const startedAt = performance.now();
  const stack = await bootWithProgress({
    keep: true,
    subjects: loadSubjects(options.subject, options.env),
    signal: interrupted.signal,
    ...(options.fresh ? { fresh: true } : {}),
    ...(options.wire ? { wire: true } : {}),
    ...(options.config ? { config: options.config } : {}),
    // Names are checked when the stack is planned.
    ...(options.only ? { only: options.only as NonNullable<BootOptions['only']> } : {}),
  });
  const durationMs = Math.round(performance.now() - startedAt);
  const { addressBook, runFolder, reused } = stack;
  if (options.json) {
    const { runId, links } = addressBook;
    const services = Object.values(addressBook.services);
    // The address book contains passwords, so print its path and not its content.
    resultJson({ run: runId, runFolder, reused, durationMs, services, links });
  } else {
    result(renderAddressBook(addressBook));
    const how = reused ? 'was already running' : `is ready in ${(durationMs / 1_000).toFixed(1)} s`;
    result(`Stack ${addressBook.runId} ${how}. State and logs: ${runFolder}`);
  }
  if (options.eyes) await watch(addressBook, interrupted.signal);
}

/** Runs Prometheus until the command is interrupted or Prometheus ends. */
async function watch(addressBook: AddressBook, signal: AbortSignal): Promise<void> {
  await using prometheus = await startPrometheus({ addressBook, port: await freePort(), signal });
  note(`Prometheus: ${prometheus.url}/alerts (Ctrl-C ends it; the stack goes on)`);
  const interrupted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([interrupted, prometheus.ended]);
}
