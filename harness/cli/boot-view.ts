/** Shows the progress of a boot: a live list on a terminal, plain lines elsewhere. */

import { note } from '../terminal/output.ts';
import type { ProgressEvent } from '../testbed/progress.ts';

export interface BootView {
  onProgress(event: ProgressEvent): void;
  /** To be called when the boot has succeeded or failed. */
  close(): Promise<void>;
}

const isTerminal = () => process.stderr.isTTY && !process.env['CI'];
const seconds = (ms: number | undefined): string => `${((ms ?? 0) / 1_000).toFixed(1)} s`;

/** @param names resources that will start; the live list shows all of them from the beginning */
export function createBootView(names: readonly string[]): BootView {
  return isTerminal() ? liveView(names) : plainView();
}

function plainView(): BootView {
  return {
    onProgress(event) {
      if (event.resource === 'stack') return;
      if (event.phase === 'ready') note(`  ${event.resource} ready in ${seconds(event.elapsedMs)}`);
      if (event.phase === 'failed') note(`  ${event.resource} failed`);
    },
    close: async () => undefined,
  };
}

function liveView(names: readonly string[]): BootView {
  const tasks = new Map(names.map((name) => [name, Promise.withResolvers<void>()]));
  for (const task of tasks.values()) task.promise.catch(() => undefined);
  const shown = showList(tasks);
  return {
    onProgress({ resource, phase }) {
      if (phase === 'ready') tasks.get(resource)?.resolve();
      if (phase === 'failed') tasks.get(resource)?.reject(new Error('failed'));
      if (resource === 'stack' && phase !== 'ready') {
        for (const task of tasks.values()) task.reject(new Error('not started'));
      }
    },
    async close() {
      for (const task of tasks.values()) task.reject(new Error('not started'));
      await shown;
    },
  };
}

async function showList(tasks: ReadonlyMap<string, PromiseWithResolvers<void>>): Promise<void> {
  const { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } = await import('listr2');
  const list = new Listr(
    [...tasks].map(([title, { promise }]) => ({ title, task: () => promise })),
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
          processOutput: new ProcessOutput(process.stderr, process.stderr),
        }),
      },
    },
  );
  await list.run();
}
