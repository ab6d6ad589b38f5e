import { describe, expect, it } from 'vitest';
import { checkEvents } from '../checker/check.ts';
import { Findings } from '../checker/findings.ts';
import { defineInvariant } from '../checker/invariant.ts';
import { goodStory } from '../checker/testing/story.ts';
import { uuidOf } from '../checker/testing/write-fixtures.ts';
import { INVARIANTS } from '../invariants/all.ts';
import { PLAIN } from '../terminal/paints.ts';
import { collectJobs } from './collect-jobs.ts';
import { renderJunit } from './render-junit.ts';
import { renderPage } from './render-page.ts';
import { renderText } from './render-text.ts';

describe('the reports', () => {
  it('show a scenario whose fault did not land as unknown, not as failed', () => {
    const { to } = goodStory(uuidOf);
    to.edit('scenario.end', { outcome: 'inconclusive', message: 'fault cut did not land' });
    const verdict = checkEvents(to.build(), INVARIANTS);
    expect(renderJunit(verdict)).toContain('<error message="fault cut did not land"');
    expect(renderText(verdict, PLAIN)).toContain(
      '? scenario story inconclusive\n    fault cut did not land',
    );
  });

  it("show the sentence of the user's own invariant", () => {
    const events = goodStory(uuidOf).to.build();
    const own = defineInvariant({
      name: 'own',
      promise: 'Nothing ever happens.',
      needs: [],
      reads: ['kafka'],
      start: () => {
        const findings = new Findings();
        return {
          observe({ index }) {
            findings.look();
            findings.violate(() => 'Something happened.', index);
          },
          finish: () => findings.finding(),
        };
      },
    });
    const verdict = checkEvents(events, [own]);
    const page = renderPage(
      verdict,
      collectJobs(() => events, verdict),
      { again: '', folder: '' },
    );
    for (const text of [renderJunit(verdict), renderText(verdict, PLAIN), page]) {
      expect(text).toContain('Nothing ever happens.');
    }
  });
});
