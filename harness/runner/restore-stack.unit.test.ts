import { expect, it, vi } from 'vitest';
import { linkControl } from '../links/link-control.ts';
import type { ResourceStatus, StackControl } from '../testbed/control-client.ts';
import { restoreStack } from './restore-stack.ts';

const resource = (name: string, state: ResourceStatus['state']): ResourceStatus => ({
  name,
  kind: 'service',
  state,
});

it('joins links, resumes what is paused and starts what has ended, and touches nothing else', async () => {
  const links = linkControl({ links: [] });
  const restoreAll = vi.spyOn(links, 'restoreAll');
  const asked: string[] = [];
  const control: Pick<StackControl, 'status' | 'resume' | 'restartInstance'> = {
    status: async () => ({
      runId: 'a-run',
      state: 'ready',
      fingerprint: '',
      owned: true,
      resources: [
        resource('kafka', 'paused'),
        resource('order-1', 'exited'),
        resource('query-1', 'stopped'),
        resource('auth-1', 'ready'),
        resource('payment-1', 'starting'),
      ],
    }),
    async resume(id) {
      asked.push(`resume ${id}`);
    },
    async restartInstance(id) {
      asked.push(`restart ${id}`);
      return undefined;
    },
  };
  await restoreStack({ control: control as StackControl, links });
  expect(restoreAll).toHaveBeenCalledOnce();
  expect(asked.sort()).toEqual(['restart order-1', 'restart query-1', 'resume kafka']);
});
