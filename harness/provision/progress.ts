import type { ProvisionEvent } from './package.ts';

/** Shows the progress of provisioning; prints nothing when nothing is missing. */
export interface ProgressView {
  readonly onEvent: (event: ProvisionEvent) => void;
  /** Leaves the terminal as it should be; call it however provisioning ended. */
  readonly close: () => Promise<void>;
}

/**
 * A live list on a terminal, plain lines elsewhere; on standard error, because standard output
 * belongs to results.
 */
export function createProgressView(
  stream: NodeJS.WriteStream = process.stderr,
  env: NodeJS.ProcessEnv = process.env,
): ProgressView {
  return stream.isTTY && !env['CI'] ? liveView(stream) : plainView((line) => stream.write(line));
}

/** One line for each thing that happened. */
export function plainView(write: (line: string) => void): ProgressView {
  const titles = new Map<string, string>();
  return {
    onEvent: (event) => {
      if (event.kind === 'plan') {
        for (const { name, title } of event.packages) titles.set(name, title);
        const count = event.packages.length;
        write(
          `Installing ${count} missing ${count === 1 ? 'package' : 'packages'} (once; later runs reuse the cache)\n`,
        );
        return;
      }
      const text = describeEvent(event);
      if (text !== undefined) write(`  ${titles.get(event.pkg) ?? event.pkg}: ${text}\n`);
    },
    close: async () => undefined,
  };
}

/** What to say about an event, or undefined for what is of no interest in a log. */
function describeEvent(event: Exclude<ProvisionEvent, { kind: 'plan' }>): string | undefined {
  switch (event.kind) {
    case 'present':
      return 'there already';
    case 'started':
    case 'note':
      return undefined;
    case 'repair':
      return `damaged (${event.why}); it is installed again`;
    case 'waiting':
      return 'another run is installing it; waiting';
    case 'done':
      return `installed in ${(event.durationMs / 1000).toFixed(1)} s`;
    case 'failed':
      return `failed: ${event.problems.map(({ message }) => message).join('; ')}`;
    case 'skipped':
      return `skipped: ${event.because}`;
    default:
      return event satisfies never;
  }
}

interface LiveTask {
  readonly finished: PromiseWithResolvers<void>;
  output: (text: string) => void;
}

function liveView(stream: NodeJS.WriteStream): ProgressView {
  const tasks = new Map<string, LiveTask>();
  let shown: Promise<unknown> = Promise.resolve();
  const settle = (event: Exclude<ProvisionEvent, { kind: 'plan' }>) => {
    const task = tasks.get(event.pkg);
    const text = event.kind === 'note' ? event.text : describeEvent(event);
    if (event.kind === 'done' || event.kind === 'present') task?.finished.resolve();
    else if (event.kind === 'failed' || event.kind === 'skipped') {
      task?.finished.reject(new Error(text));
    } else if (text !== undefined) task?.output(text);
  };
  return {
    onEvent: (event) => {
      if (event.kind !== 'plan') return settle(event);
      for (const { name } of event.packages) {
        const finished = Promise.withResolvers<void>();
        // It may fail before the list, which is loaded only now, has begun to wait for it.
        finished.promise.catch(() => undefined);
        tasks.set(name, { finished, output: () => undefined });
      }
      shown = showList(event.packages, tasks, stream);
    },
    close: async () => {
      for (const { finished } of tasks.values()) finished.reject(new Error('not finished'));
      await shown;
    },
  };
}

async function showList(
  packages: readonly { readonly name: string; readonly title: string }[],
  tasks: ReadonlyMap<string, LiveTask>,
  stream: NodeJS.WriteStream,
): Promise<void> {
  const { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } = await import('listr2');
  const list = new Listr(
    packages.map(({ name, title }) => ({
      title,
      task: (_context, task) => {
        const live = tasks.get(name);
        if (live === undefined) return;
        live.output = (text) => {
          task.output = text;
        };
        return live.finished.promise;
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      collectErrors: false,
      registerSignalListeners: false,
      rendererOptions: {
        timer: PRESET_TIMER,
        logger: new ListrLogger({
          useIcons: true,
          toStderr: [],
          processOutput: new ProcessOutput(stream, stream),
        }),
      },
    },
  );
  await list.run();
}
