import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJournal } from '../../harness/kernel/journal.ts';
import { runPaths } from '../../harness/kernel/run-folder.ts';
import { useOwnRuns } from '../../harness/testbed/stack.testkit.ts';
import { bootStack, type Stack } from '../../harness/testbed/stack.ts';
import { faultsOf } from './all.ts';
import { kill } from './kill.ts';
import { pause } from './pause.ts';
import type { ProcessContext } from './processes.ts';

const ID = 'redis';
const SOON = { withinMs: 500 };

describe('a fault of a process', () => {
  const tests = useOwnRuns();
  let stack: Stack;
  beforeAll(async () => {
    stack = await bootStack({ only: [ID], installation: tests.installation(), fresh: true });
  });
  afterAll(() => stack.down());

  const phases: string[] = [];
  const faults = () => faultsOf(stack, ({ what }) => void phases.push(what));
  const stateOf = async (health = true) => {
    const { resources } = await stack.control.status({ health });
    const { state, healthy } = resources.find(({ name }) => name === ID) ?? {};
    return { state, healthy };
  };
  /** A control that sends other signals than it is asked for. */
  const disobedient = (control: Partial<ProcessContext['control']>) => ({
    control: { ...stack.control, ...control },
    processEvents: () => readJournal(runPaths(stack.runFolder).processes),
    record: () => undefined,
  });

  it('kill: lands when the process has ended by SIGKILL; another one runs when lifted', async () => {
    const armed = await faults().kill(ID);
    expect((await armed.requireLanded()).what).toMatch(/^redis \(pid \d+.* ended by SIGKILL/);
    expect(await stateOf()).toEqual({ state: 'exited', healthy: false });
    await armed.lift();
    expect(await stateOf()).toEqual({ state: 'ready', healthy: true });
  });

  it('kill: has not landed when the process ended by itself', async () => {
    const context = disobedient({
      async killInstance(id) {
        await stack.control.stopInstance(id);
      },
    });
    await using armed = await kill.arm(context, ID, {});
    expect(await armed.landed(SOON)).toEqual({
      landed: false,
      reason: expect.stringMatching(/redis \(pid \d+\) ended with code 0/),
    });
  });

  it('pause: lands when the kernel has stopped the process, which goes on when lifted', async () => {
    {
      await using armed = await faults().pause(ID);
      expect((await armed.requireLanded()).what).toMatch(/is in state T \(stopped\)/);
      expect(await stateOf(false)).toMatchObject({ state: 'paused' });
    }
    expect(await stateOf()).toEqual({ state: 'ready', healthy: true });
  });

  it('pause: has not landed when the process goes on', async () => {
    const context = disobedient({ pause: async () => undefined });
    await using armed = await pause.arm(context, ID, {});
    expect(await armed.landed(SOON)).toEqual({
      landed: false,
      reason: expect.stringMatching(/redis \(pid \d+\) is in state [SR]/),
    });
  });

  it('restart: lands when another process is ready in its place', async () => {
    await using armed = await faults().restart(ID);
    expect((await armed.requireLanded()).what).toMatch(/^redis is pid \d+ since .* ended at/);
    expect(await stateOf()).toEqual({ state: 'ready', healthy: true });
  });

  it('records each phase once', () => {
    const once = ['armed', 'landed', 'lifted'];
    expect(phases).toEqual([...once, ...once, ...once]);
  });

  it('knows the processes of the stack', async () => {
    await expect(faults().kill('rediss')).rejects.toThrow(
      'unknown process "rediss"; known processes: redis',
    );
  });
});
