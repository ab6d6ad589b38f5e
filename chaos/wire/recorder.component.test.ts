import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { useLinesProxy } from './lines.testkit.ts';

describe('a recording of the wire proxy', () => {
  const wire = useLinesProxy();
  const folder = mkdtempSync(join(tmpdir(), 'wire-recording-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const recorded = (file: string) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('has each operation with its answer, and stops when its owner stops it', async () => {
    const { recorder } = wire.proxy();
    const [first, second] = [join(folder, 'first.jsonl'), join(folder, 'second.jsonl')];
    recorder.start('first', first);
    recorder.start('second', second);
    expect(() => recorder.start('first', first)).toThrow('a recording is on already');
    wire.arm({ point: 'request', where: { text: 'two' }, action: { kind: 'drop' } });
    wire.arm({ point: 'answer', where: { answer: 'none' }, action: { kind: 'hold' } });
    using caller = await wire.call();
    for (const text of ['one', 'two', 'many three']) caller.send(`ask ${text}`);
    for (const answer of ['answer one', 'more of three', 'answer many three']) {
      expect(await caller.next()).toBe(answer);
    }
    expect(await recorder.stop('first')).toEqual({ operations: 3, lost: 0 });
    caller.send('ask four');
    await caller.next();
    expect(await recorder.stop('second')).toEqual({ operations: 4, lost: 0 });
    const short = recorded(first).map(({ name, outcome, attributes, error }) => ({
      ...{ name, outcome, attributes, error },
    }));
    // The request that is lost may end before or after the answer to the first.
    expect(short).toHaveLength(3);
    expect(short).toEqual(
      expect.arrayContaining([
        {
          name: 'lines.ask',
          outcome: 'unanswered',
          attributes: { text: 'two' },
          error: expect.any(String),
        },
        { name: 'lines.ask', outcome: 'ok', attributes: { text: 'one', answer: 'one' } },
        {
          ...{ name: 'lines.ask', outcome: 'ok' },
          attributes: { text: 'many three', answer: 'many three' },
        },
      ]),
    );
    expect(recorded(second)).toHaveLength(4);
    const [event] = recorded(second);
    expect(event).toMatchObject({ type: 'wire-operation', direction: 'outgoing' });
    expect(event?.['endMs']).toBeGreaterThanOrEqual(event?.['startMs'] as number);
  });
});
