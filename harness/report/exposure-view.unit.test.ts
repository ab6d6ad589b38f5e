import { describe, expect, it } from 'vitest';
import { checkEvents } from '../checker/check.ts';
import { goodStory } from '../checker/testing/story.ts';
import { uuidOf } from '../checker/testing/write-fixtures.ts';
import { INVARIANTS } from '../invariants/all.ts';
import { PLAIN } from '../terminal/paints.ts';
import { exposureMatrix, exposureWords, subjectWords } from './exposure-view.ts';
import { renderJunit } from './render-junit.ts';
import { renderText } from './render-text.ts';

function verdictWithKill() {
  const { to } = goodStory(uuidOf);
  const { pid, instance } = { pid: 1, instance: 'websocket-1' };
  to.after('a.frame.SUCCEEDED', 'kill', {
    ...{ type: 'process', instance, pid, what: 'signalled', signal: 'SIGKILL' },
  });
  to.edit('run', {
    subjects: [
      {
        ...{ service: 'websocket', version: '1.2.0', language: 'Go' },
        ...{ manifest: 'ws/sagaproof.service.yaml', absentFeatures: [] },
      },
    ],
  });
  return checkEvents(to.build(), INVARIANTS);
}

describe('the exposure of a run', () => {
  const verdict = verdictWithKill();
  const websocket = verdict.exposure.find(({ service }) => service === 'websocket');

  it('is one line for each service', () => {
    expect(websocket && exposureWords(websocket)).toMatch(
      /^1 kill, 0 restarts, 0 pauses, 0 of 4 links cut, 0 of 4 slow, 0 of 4 with errors/,
    );
    const text = renderText(verdict, PLAIN);
    expect(text).toMatch(/^websocket +1 kill, 0 restarts/m);
    expect(text).toMatch(/^ {2}order: .*saga-step-order/m);
  });

  it('says so when nothing was disturbed', () => {
    const quiet = checkEvents(goodStory(uuidOf).to.build(), INVARIANTS);
    expect(renderText(quiet, PLAIN)).toContain('No fault hit a service at work');
  });

  it('is a matrix with the empty cells marked, and those that do not apply left out', () => {
    const { columns, rows } = exposureMatrix(verdict);
    const row = rows.find(({ service }) => service === 'websocket');
    expect(row?.cells[columns.indexOf('kill')]).toMatchObject([{ text: '1', empty: false }]);
    expect(row?.cells[columns.indexOf('cut')]).toHaveLength(4);
    expect(row?.cells[columns.indexOf('cut')]?.[1]).toMatchObject({ text: 'redis 0', empty: true });
    const order = rows.find(({ service }) => service === 'order');
    expect(order?.cells[columns.indexOf('expired token')]).toEqual([]);
  });

  it('names the implementations under test, in the closing line and in JUnit', () => {
    const words = 'websocket 1.2.0, Go, ws/sagaproof.service.yaml';
    expect(verdict.subjects.map(subjectWords)).toEqual([words]);
    expect(renderText(verdict, PLAIN).trim().split('\n').at(-1)).toBe(`Under test: ${words}.`);
    expect(renderJunit(verdict)).toContain(`name="subject.websocket" value="${words}"`);
  });
});
