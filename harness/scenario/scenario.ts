import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { z } from 'zod';
import { connectStack, type Stack } from '../testbed/stack.ts';
import { openShard } from './shard.ts';
import { World } from './world.ts';

/** What the process that runs scenarios is told by the run that started it. */
export const RecordingSchema = z.strictObject({
  run: z.string(),
  seed: z.string(),
  /** Folder of the run: shards go here. */
  runFolder: z.string(),
});
export type Recording = z.infer<typeof RecordingSchema>;

/** Names the file that holds the {@link Recording}; `SAGAPROOF_STACK` names the stack beside it. */
export const RECORDING_VARIABLE = 'SAGAPROOF_RECORDING';

export interface ScenarioOptions {
  /** What it claims: the test's title, a behaviour sentence. */
  readonly claims: string;
  /** Kebab-case; also the file's name. */
  readonly name: string;
  readonly deadlineMs?: number;
}

/** What a scenario gets to play with. */
export interface Play {
  readonly world: World;
  /** For scenarios that take something away; those live in `*.exclusive.scenario.test.ts`. */
  readonly stack: Stack;
  readonly seed: string;
}

/**
 * Declares a scenario: one story through the front door of the running stack, recorded into the
 * run's history, which the invariants judge afterwards, whatever the scenario itself asserts.
 */
export function scenario(options: ScenarioOptions, play: (given: Play) => Promise<void>): void {
  test(`${options.name}: ${options.claims}`, {
    timeout: options.deadlineMs ?? 120_000,
  }, async () => {
    const recording = readRecording();
    const stack = await connectStack();
    const shard = openShard(recording.runFolder);
    const world = new World({
      scenario: options.name,
      run: recording.run,
      book: stack.addressBook,
      shard,
    });
    shard.record({ type: 'scenario-started', scenario: options.name });
    try {
      await play({ world, stack, seed: recording.seed });
      await world.close();
      shard.record({ type: 'scenario-ended', scenario: options.name, outcome: 'passed' });
    } catch (error) {
      await world.close();
      const message = error instanceof Error ? error.message : String(error);
      shard.record({
        type: 'scenario-ended',
        scenario: options.name,
        outcome: 'failed',
        message: message.slice(0, 2_000),
      });
      throw error;
    } finally {
      shard.close();
    }
  });
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
