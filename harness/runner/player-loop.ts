import { AsyncLocalStorage } from 'node:async_hooks';
import { pathToFileURL } from 'node:url';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { faultsOf } from '../../chaos/faults/all.ts';
import { openShard, type Shard } from '../history/shard.ts';
import { isTimeout } from '../kernel/poll.ts';
import { runPaths } from '../kernel/run-folder.ts';
import { isFaultNotLanded } from '../links/fault.ts';
import type { Scenario } from '../scenario/define-scenario.ts';
import { World } from '../scenario/world.ts';
import { openStack } from '../testbed/stack.ts';
import { failureText, failureTrace } from './failure-text.ts';
import {
  HEARTBEAT_MS,
  type PlayContext,
  type Played,
  type PlayerData,
  type PlayerReply,
  type PlayerRequest,
} from './player-messages.ts';
import { LoadCounter } from './refused-for-load.ts';
import { runWithDeadline } from './run-with-deadline.ts';
import type { ScenarioFile } from './scenario-files.ts';

/** A scenario whose code runs, found again from whatever it started. */
interface Running {
  readonly name: string;
  readonly crash: PromiseWithResolvers<never>;
  isOver: boolean;
}
const running = new AsyncLocalStorage<Running>();

/** Serves requests to load and play scenarios until the thread is terminated. */
export function startPlayer({ beats }: PlayerData): void {
  if (parentPort === null) throw new Error('the player runs in a thread of its own only');
  const port = parentPort;
  const counter = new Int32Array(beats);
  // The first one now: a scenario may block the thread before the timer fires for the first time.
  Atomics.add(counter, 0, 1);
  setInterval(() => Atomics.add(counter, 0, 1), HEARTBEAT_MS).unref();
  const reply = (message: PlayerReply) => port.postMessage(message);
  catchStrayErrors(reply);
  labelOutput();
  serve(port, reply);
}

function serve(port: MessagePort, reply: (message: PlayerReply) => void): void {
  const shards = new Map<string, Shard>();
  const shardOf = (runFolder: string): Shard => {
    const shard = shards.get(runFolder) ?? openShard(runFolder);
    shards.set(runFolder, shard);
    return shard;
  };
  const answer = async (request: PlayerRequest) => {
    const scenario = await load(request.file);
    if (request.method === 'play') {
      const { context, file } = request;
      return play(scenario, { ...context, file }, shardOf(context.runFolder));
    }
    const { play: _function, ...facts } = scenario;
    return facts;
  };
  port.on('message', (request: PlayerRequest) => {
    const { id } = request;
    answer(request).then(
      (value) => reply({ id, value }),
      (error: unknown) => reply({ id, error: failureText(error) }),
    );
  });
}

/** The scenario that a module exports. Throws if there is none, or if it has another name. */
async function load({ name, path }: ScenarioFile): Promise<Scenario> {
  const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  const scenario = module.default as Partial<Scenario> | undefined;
  if (typeof scenario?.name !== 'string' || typeof scenario.play !== 'function') {
    throw new Error(
      `${path} has no scenario; write: export default defineScenario({ name: '${name}', … })`,
    );
  }
  if (scenario.name !== name) {
    throw new Error(
      `${path}: its scenario is named ${scenario.name}; name it ${name}, as the file`,
    );
  }
  return scenario as Scenario;
}

async function play(
  scenario: Scenario,
  context: PlayContext & { readonly file: ScenarioFile },
  shard: Shard,
): Promise<Played> {
  const { name } = scenario;
  const deadlineMs = Math.min(
    scenario.deadlineMs,
    context.deadlineMsMax ?? Number.POSITIVE_INFINITY,
  );
  const { run, seed, stackFolder, file } = context;
  const current: Running = { name, crash: Promise.withResolvers<never>(), isOver: false };
  const counted = new LoadCounter(shard);
  let world: World | undefined;
  const { failure, isOver } = await running.run(current, () =>
    runWithDeadline({
      name,
      deadlineMs,
      crashed: current.crash.promise,
      play: async (signal) => {
        const stack = await openStack(runPaths(stackFolder), {
          owned: false,
          reused: true,
          signal,
        });
        world = new World({ scenario: name, run, seed, book: stack.addressBook, shard: counted });
        const faults = faultsOf(stack, (event) =>
          shard.record({ type: 'fault', ...event, seed, scenario: name }),
        );
        await scenario.play({ world, stack, faults, signal });
        await world.stranger.finish();
      },
      close: async () => world?.close(),
    }),
  );
  current.isOver = true;
  if (failure === undefined) return { isOver };
  return {
    isOver,
    failure: failureText(failure, file.path),
    trace: failureTrace(failure),
    isInconclusive: isFaultNotLanded(failure),
    isTimeBound: isTimeout(failure) || counted.refused > 0,
  };
}

/** An unhandled error fails the scenario that caused it, and ends nothing else. */
function catchStrayErrors(reply: (message: PlayerReply) => void): void {
  const onError = (kind: string) => (error: unknown) => {
    const current = running.getStore();
    const message = `${kind}: ${failureText(error)}`;
    if (current !== undefined && !current.isOver) current.crash.reject(new Error(message));
    else reply({ stray: { message, ...(current ? { scenario: current.name } : {}) } });
  };
  process.on('uncaughtException', onError('uncaught exception'));
  process.on('unhandledRejection', onError('unhandled rejection'));
  process.exit = (code) => {
    throw new Error(`a scenario must not end the process: process.exit(${code ?? ''})`);
  };
}

/** Puts the scenario's name in front of each line that it prints. */
function labelOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (text: string | Uint8Array) => boolean;
    const labelled = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
      const name = running.getStore()?.name ?? 'scenarios';
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      const isWritten = write(text.replace(/^(?=.)/gm, `[${name}] `));
      const done = rest.at(-1);
      if (typeof done === 'function') queueMicrotask(() => done());
      return isWritten;
    };
    stream.write = labelled as typeof stream.write;
  }
}
