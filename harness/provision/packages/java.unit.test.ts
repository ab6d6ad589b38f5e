import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeJava, findMachineJava, majorOf } from './java.ts';

/** A Java home with a release file, or with a binary alone that tells its version. */
function javaHome(version: string, options: { release: boolean } = { release: true }): string {
  const home = mkdtempSync(join(tmpdir(), 'sagaproof-java-'));
  const binary = join(home, 'bin', 'java');
  mkdirSync(join(home, 'bin'));
  writeFileSync(binary, `#!/bin/sh\necho 'openjdk version "${version}" 2025-04-15' >&2\n`);
  chmodSync(binary, 0o755);
  if (options.release) writeFileSync(join(home, 'release'), `JAVA_VERSION="${version}"\n`);
  return home;
}

test('the version is read out of the release file', async () => {
  const home = javaHome('25.0.3');
  expect(await describeJava(home)).toEqual({
    home,
    binary: join(home, 'bin', 'java'),
    version: '25.0.3',
    major: 25,
    source: 'machine',
  });
});

test('a Java without a release file is asked for its version', async () => {
  const home = javaHome('21.0.7', { release: false });
  expect(await describeJava(home)).toMatchObject({ version: '21.0.7', major: 21 });
});

test('a folder without a java binary is no Java home', async () => {
  expect(await describeJava(tmpdir())).toBeUndefined();
});

test('old and new version formats are distinguished', () => {
  expect(majorOf('1.8.0_402')).toBe(8);
  expect(majorOf('25.0.2.1')).toBe(25);
});

test('JAVA_HOME is taken when it is new enough', async () => {
  const home = javaHome('21.0.7');
  const found = await findMachineJava(
    { minimum: 21, preferred: 25 },
    { JAVA_HOME: home, PATH: '' },
  );
  expect(found?.home).toBe(home);
});

test('a JAVA_HOME that is too old is passed over', async () => {
  const home = javaHome('17.0.15');
  const found = await findMachineJava(
    { minimum: 21, preferred: 25 },
    { JAVA_HOME: home, PATH: '' },
  );
  expect(found?.home).not.toBe(home);
});

test('nothing is found where nothing is new enough', async () => {
  const env = { JAVA_HOME: javaHome('25.0.3'), PATH: '' };
  expect(await findMachineJava({ minimum: 999, preferred: 999 }, env)).toBeUndefined();
});
