import { describe, expect, it } from 'vitest';
import type { Frame, RecordedSocket } from '../../harness/clients/socket.ts';
import type { User } from '../../harness/scenario/user.ts';
import { Follower } from './follower.ts';

const update = (sequence: number, kind: string): Frame => ({
  ...{ type: 'update', jobId: 'j', sequence, kind },
});

/** Nodes that answer each subscription with the next of these, and then send these updates. */
function nodes(script: ReadonlyArray<{ answer?: Frame; updates: readonly Frame[] }>) {
  const asked: unknown[] = [];
  const left = [...script];
  const open = (): RecordedSocket => {
    const frames: Frame[] = [];
    const socket = { frames, closeCode: undefined as number | undefined };
    const ask = async (what: unknown): Promise<Frame> => {
      asked.push(what);
      const { answer, updates } = left.shift() ?? { updates: [] };
      frames.push(...updates);
      if (answer !== undefined) return answer;
      socket.closeCode = 1006;
      throw new Error('it was closed');
    };
    return Object.assign(socket, {
      subscribe: ask,
      resume: ask,
      updates: () => frames,
      async waitFor(label: string, matches: (frame: Frame) => boolean) {
        const found = frames.find(matches);
        if (found !== undefined) return found;
        socket.closeCode = 1006;
        throw new Error(`it was closed before ${label}`);
      },
    }) as unknown as RecordedSocket;
  };
  const user = { socket: async () => open() } as unknown as User;
  return { asked, follower: new Follower(user, { nodes: 2, first: 0 }) };
}

const OK: Frame = { type: 'subscribed' };
const BUSY: Frame = { type: 'error', code: 'unavailable' };

describe('a follower', () => {
  it('resumes after the last update that it saw when its socket is closed', async () => {
    const { asked, follower } = nodes([
      { answer: OK, updates: [update(1, 'STARTED'), update(2, 'STEP_COMPLETED')] },
      { answer: OK, updates: [update(3, 'SUCCEEDED')] },
    ]);
    await follower.open();
    await follower.follow('j');
    expect(await follower.terminal(1_000)).toMatchObject({ sequence: 3 });
    expect(asked).toEqual([{ jobId: 'j', level: 'detail' }, { j: 2 }]);
    expect(follower.updates.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(follower.resumed).toBe(1);
  });

  it('asks again when a node cannot subscribe it now, and elsewhere when it is closed', async () => {
    const { asked, follower } = nodes([
      { answer: BUSY, updates: [] },
      { updates: [] },
      { answer: OK, updates: [update(1, 'FAILED')] },
    ]);
    await follower.open();
    await follower.follow('j');
    expect(await follower.terminal(1_000)).toMatchObject({ kind: 'FAILED' });
    expect(asked).toHaveLength(3);
  });

  it('reports a refusal that asks for no other try', async () => {
    const { follower } = nodes([{ answer: { type: 'error', code: 'forbidden' }, updates: [] }]);
    await follower.open();
    await expect(follower.follow('j')).rejects.toThrow(/was refused: forbidden/);
  });
});
