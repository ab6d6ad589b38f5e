import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../invariants/all.ts';
import { packageAsset } from '../kernel/package-assets.ts';
import { promiseLink } from '../report/promise-links.ts';
import { headerOf, PROMISES_PAGE, renderPromisesPage } from './promises-page.ts';

describe('the page of promises', () => {
  it('is what the invariants say (else: pnpm generate)', () => {
    expect(readFileSync(packageAsset(PROMISES_PAGE), 'utf8')).toBe(renderPromisesPage());
  });

  it('has the section that each link leads to', () => {
    const page = renderPromisesPage();
    for (const { name } of INVARIANTS) {
      expect(promiseLink(name)).toBe(`${PROMISES_PAGE}#${name}`);
      expect(page).toContain(`\n## ${name}\n`);
    }
  });

  it.each(INVARIANTS.map(({ name, diagnosis }) => [name, diagnosis] as const))(
    'names three causes of a broken %s',
    (_, diagnosis) => {
      expect(diagnosis?.causes).toHaveLength(3);
    },
  );

  it('reads how an invariant could be fooled from its file', () => {
    expect(headerOf('exactly-once-notification').fooled).toBe(
      'by a notification that is kept once and sent twice, or never. What is sent is for ' +
        '`mails-match-outcomes`.',
    );
  });
});

it('has no link for an invariant of a user', () => {
  expect(promiseLink('my-own')).toBeUndefined();
});
