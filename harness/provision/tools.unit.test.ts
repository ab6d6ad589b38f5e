import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadManifest } from './manifest.ts';
import { compareVersions, findTool, fixOf } from './tools.ts';

const { tools } = loadManifest();

/** A PATH with nothing on it but a program that prints this. */
function pathWith(program: string, output: string): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-path-'));
  const file = join(folder, program);
  writeFileSync(file, `#!/bin/sh\necho '${output}'\n`);
  chmodSync(file, 0o755);
  return { PATH: folder };
}

test('a tool that is not on the PATH is named, with the command that installs it', async () => {
  const finding = await findTool('maven', tools, 'jvm-servers', { env: { PATH: '' } });
  expect(finding).toMatchObject({
    found: false,
    problem: {
      pkg: 'jvm-servers',
      code: 'tool-missing',
      message: expect.stringContaining('mvn is not on the PATH'),
      fix: fixOf(tools.maven.fix),
    },
  });
});

test('a tool that is too old is reported with both versions', async () => {
  const env = pathWith('go', 'go version go1.19.8 linux/amd64');
  const finding = await findTool('go', tools, 'toxiproxy', { env });
  expect(finding).toMatchObject({
    found: false,
    problem: { code: 'tool-too-old', message: expect.stringMatching(/1\.19\.8; 1\.24 or newer/) },
  });
});

test('a tool that is new enough is found with its path and version', async () => {
  const env = pathWith('mvn', 'Apache Maven 3.9.9 (8e8579a9e7)');
  const finding = await findTool('maven', tools, 'jvm-servers', { env });
  expect(finding).toEqual({
    found: true,
    tool: { path: join(env['PATH'] ?? '', 'mvn'), version: '3.9.9' },
  });
});

test('a program that answers with something else is no such tool', async () => {
  const finding = await findTool('python', tools, 'redis', {
    env: pathWith('python3', 'hello'),
  });
  expect(finding).toMatchObject({ found: false, problem: { code: 'tool-missing' } });
});

test('Maven is taken without a version while there is no Java that it could run on', async () => {
  const env = pathWith('mvn', 'JAVA_HOME is not defined correctly');
  const finding = await findTool('maven', tools, 'jvm-servers', { env, takeSilent: true });
  expect(finding).toMatchObject({ found: true, tool: { version: '?' } });
});

test('versions are compared by number and not by letter', () => {
  expect(compareVersions('1.9', '1.24')).toBeLessThan(0);
  expect(compareVersions('3.10.1', '3.10')).toBeGreaterThan(0);
  expect(compareVersions('3.6', '3.6.0')).toBe(0);
});
