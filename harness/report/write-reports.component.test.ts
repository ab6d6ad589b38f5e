import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkFile } from '../checker/check-file.ts';
import { Story } from '../checker/testing/story.ts';
import { uuidOf } from '../checker/testing/write-fixtures.ts';
import { INVARIANTS } from '../invariants/all.ts';
import { writeReports } from './write-reports.ts';

const folder = mkdtempSync(join(tmpdir(), 'reports-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Uses realistic ids, which compress badly, because they decide the size of the page. */
function historyOf(orders: number): string {
  const story = new Story(uuidOf).begin();
  for (let n = 0; n < orders; n++) {
    story.place(`o${n}`, n % 4 === 0 ? 'address-undeliverable' : 'approved');
  }
  const lines = story
    .end()
    .to.build()
    .map((event) => `${JSON.stringify(event)}\n`);
  const file = join(folder, 'history.jsonl');
  writeFileSync(file, lines.join(''));
  return file;
}

it('writes a page of at most 5 MB for a thousand jobs', async () => {
  const file = historyOf(1_000);
  const verdict = checkFile(file, INVARIANTS);
  const paths = await writeReports(folder, file, verdict, 'again');
  expect(verdict.verdict).toBe('valid');
  expect(readFileSync(paths.page).length).toBeLessThan(5_000_000);
  expect(JSON.parse(readFileSync(paths.verdict, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(verdict)),
  );
  expect(readFileSync(paths.junit, 'utf8')).toContain('<testsuites');
});

it('reports on the readable part of a truncated history', async () => {
  const file = historyOf(3);
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 40_000));
  const verdict = checkFile(file, INVARIANTS);
  const { page } = await writeReports(folder, file, verdict, 'again');
  expect(verdict.verdict).toBe('unknown');
  expect(readFileSync(page, 'utf8')).toContain('this history is cut');
});
