import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digest } from '../stamp.ts';
import { compareWithLock } from './maven.ts';

/** What Maven fetched, and the lock that it is compared with. */
function fetched(files: Readonly<Record<string, string>>, lock: Readonly<Record<string, string>>) {
  const output = mkdtempSync(join(tmpdir(), 'sagaproof-maven-'));
  for (const folder of ['jars', 'archives']) mkdirSync(join(output, folder));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(output, path), text);
  const lines = Object.entries(lock).map(([path, text]) => `${digest(text)}  ${path}\n`);
  writeFileSync(join(output, 'lock'), lines.join(''));
  return compareWithLock(output, join(output, 'lock'));
}

test('artefacts that are those of the lock pass', async () => {
  const files = { 'jars/a-1.jar': 'a', 'archives/b.tar.gz': 'b' };
  await expect(fetched(files, files)).resolves.toBeUndefined();
});

test('an artefact with other bytes is refused by its name', async () => {
  await expect(fetched({ 'jars/a-1.jar': 'evil' }, { 'jars/a-1.jar': 'a' })).rejects.toMatchObject({
    code: 'checksum-mismatch',
    message: expect.stringContaining('jars/a-1.jar differs'),
  });
});

test('an artefact that the lock does not name is refused', async () => {
  const run = fetched({ 'jars/a-1.jar': 'a', 'jars/x-1.jar': 'x' }, { 'jars/a-1.jar': 'a' });
  await expect(run).rejects.toThrow(/jars\/x-1.jar is not in the lock/);
});

test('an artefact that was not fetched is missed', async () => {
  await expect(fetched({}, { 'jars/a-1.jar': 'a' })).rejects.toThrow(/a-1.jar was not fetched/);
});
