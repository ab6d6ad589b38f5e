import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { z } from 'zod';
import type { ScenarioEnded } from '../history/event.ts';
import { openShard } from '../history/shard.ts';
import type { AddressBook, ServiceName } from '../kernel/address-book.ts';
import { PARTIAL } from '../runner/scenario-reporter.ts';
import { connectStack, type Stack } from '../testbed/stack.ts';
import { mend, messageOf, playWithin } from './mend.ts';
import { World } from './world.ts';

/** What the process that runs scenarios is told by the run that started it. */
export const RecordingSchema = z.strictObject({
  run: z.string(),
  seed: z.string(),
  /** Folder of the run: shards go here. */
  runFolder: z.string(),
});
export type Recording = z.infer<typeof RecordingSchema>;

const DEADLINE_MS = 120_000;
/** After its deadline, for giving back what it has taken from the stack. */
const MENDING_MS = 90_000;
/** The whole message is in the scenarios' log. */
const MESSAGE_MAX = 2_000;

/** Names the file that holds the {@link Recording}; `SAGAPROOF_STACK` names the stack beside it. */
export const RECORDING_VARIABLE = 'SAGAPROOF_RECORDING';

export interface ScenarioOptions {
  /** What it claims: the test's title, a behaviour sentence. */
  readonly claims: string;
  /** Kebab-case; also the file's name. */
  readonly name: string;
  readonly deadlineMs?: number;
  /** Features that it cannot be played without; where a subject lacks one, it is `partial`. */
  readonly needs?: readonly string[];
  /** Services whose processes it pauses or ends; where one runs elsewhere, it is `partial`. */
  readonly controls?: readonly ServiceName[];
}

/** In the name of a file whose scenario takes something away: nothing else plays meanwhile. */
const EXCLUSIVE = '.exclusive.scenario.';

/** What a scenario gets to play with. */
export interface Play {
  readonly world: World;
  /** For scenarios that take something away; those live in `*.exclusive.scenario.test.ts`. */
  readonly stack: Stack;
}

/**
 * Declares a scenario: one story through the front door of the running stack, recorded into the
 * run's history, which the invariants judge afterwards, whatever the scenario itself asserts.
 */
export function scenario(options: ScenarioOptions, play: (given: Play) => Promise<void>): void {
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const limits = { timeout: deadlineMs + MENDING_MS };
  test(`${options.name}: ${options.claims}`, limits, async ({ skip, task }) => {
    const recording = readRecording();
    const stack = await connectStack();
    const shard = openShard(recording.runFolder);
    const { name } = options;
    const end = (outcome: ScenarioEnded['outcome'], message?: string) => {
      const why = message === undefined ? {} : { message: message.slice(0, MESSAGE_MAX) };
      shard.record({ type: 'scenario-ended', scenario: name, outcome, ...why });
      shard.close();
    };
    shard.record({ type: 'scenario-started', scenario: name });
    const lacking =
      lacks(stack.addressBook, options.needs ?? []) ??
      runsElsewhere(stack.addressBook, options.controls ?? []);
    if (lacking !== undefined) {
      end('partial', lacking);
      skip(`${PARTIAL}${lacking}`);
    }
    const { run, seed } = recording;
    const world = new World({ scenario: name, run, book: stack.addressBook, shard, seed });
    // Others play beside one that takes nothing away: what is down then is theirs.
    const isAlone = task.file.name.includes(EXCLUSIVE);
    try {
      await playWithin(deadlineMs, {
        name,
        play: () => play({ world, stack }),
        close: () => world.close(),
        mend: isAlone ? () => mend(stack) : undefined,
      });
      end('passed');
    } catch (error) {
      end('failed', messageOf(error));
      throw error;
    }
  });
}

/** Which service lacks which of the features, if one does. */
function lacks(book: AddressBook, needs: readonly string[]): string | undefined {
  for (const { service, absentFeatures } of Object.values(book.services)) {
    const absent = needs.filter((feature) => absentFeatures.includes(feature));
    if (absent.length > 0) return `${service} declares no ${absent.join(', ')}`;
  }
  return undefined;
}

/** Which of the services is not a process of the stack, if one is not. */
function runsElsewhere(book: AddressBook, services: readonly ServiceName[]): string | undefined {
  const found = services.find((service) =>
    book.services[service]?.instances.some(({ pid }) => pid === undefined),
  );
  return found === undefined ? undefined : `${found} runs where its process cannot be ended`;
}

function readRecording(): Recording {
  const path = process.env[RECORDING_VARIABLE];
  if (path === undefined) {
    throw new Error(
      `no run is recording (${RECORDING_VARIABLE} is not set): start scenarios with ` +
        '`pnpm sagaproof scenario <name>` or `pnpm verify`',
    );
  }
  return RecordingSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}
