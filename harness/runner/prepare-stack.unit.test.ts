import { describe, expect, it } from 'vitest';
import type { Disturbance } from '../links/hop.ts';
import type { LinkControl } from '../links/link-control.ts';
import type { ResourceStatus, StackControl } from '../testbed/control-client.ts';
import { prepareStack } from './prepare-stack.ts';

const { signal } = new AbortController();

/** A stack whose links and processes are as given, and can be repaired or not. */
function stackWith(given: {
  readonly disturbances?: readonly Disturbance[];
  readonly states?: Readonly<Record<string, ResourceStatus['state']>>;
  readonly healthyAtLook?: number;
}) {
  const asked: string[] = [];
  let looks = 0;
  const states = new Map(Object.entries({ 'order-1': 'ready', ...given.states }));
  const control = {
    async status({ health = false } = {}) {
      if (health) looks += 1;
      const healthy = looks >= (given.healthyAtLook ?? 1);
      const detail = healthy ? {} : { detail: 'HTTP 503' };
      return {
        resources: [...states].map(([name, state]) => ({ name, state, healthy, ...detail })),
      };
    },
    resume: async (id: string) => void asked.push(`resume ${id}`),
    restartInstance: async (id: string) => void asked.push(`restart ${id}`),
  } as unknown as StackControl;
  const links = {
    disturbed: async () =>
      given.disturbances ? [{ link: 'order→kafka', disturbances: given.disturbances }] : [],
    restoreAll: async () => void asked.push('restore links'),
  } as unknown as LinkControl;
  const repairs: string[] = [];
  const prepare = (healthyWithinMs = 5_000) =>
    prepareStack(
      { control, links },
      { onRepair: (repair) => repairs.push(repair), signal, healthyWithinMs },
    );
  return { asked, repairs, prepare };
}

describe('a kept stack', () => {
  it('that is as it should be needs no repair', async () => {
    const { repairs, prepare } = stackWith({});
    await prepare();
    expect(repairs).toEqual([]);
  });

  it('with leftover faults is repaired, and each repair is named', async () => {
    const { asked, repairs, prepare } = stackWith({
      disturbances: [
        { kind: 'cut' },
        { kind: 'delay', latencyMs: 400, jitterMs: 0, toward: 'client' },
        { kind: 'other', what: 'bandwidth' },
      ],
      states: { 'query-1': 'paused', kafka: 'exited' },
      healthyAtLook: 3,
    });
    await prepare();
    expect(repairs).toEqual([
      'restoring link order→kafka, which was cut and delayed by 400 ms and disturbed by bandwidth',
      'resuming query-1, which was paused',
      'starting kafka, which had ended',
    ]);
    expect(asked.slice(0, 3).toSorted()).toEqual([
      'restart kafka',
      'restore links',
      'resume query-1',
    ]);
    // Unhealthy at the first two looks: another program may have stopped it.
    expect(asked.filter((order) => order === 'resume order-1')).toHaveLength(2);
  });

  it('that stays unhealthy is not judged, and what is unhealthy is named', async () => {
    const { prepare } = stackWith({ healthyAtLook: Number.POSITIVE_INFINITY });
    await expect(prepare(30)).rejects.toMatchObject({
      code: 'stack-unavailable',
      message: 'the stack was not healthy before the run: order-1 (HTTP 503)',
    });
  });
});
