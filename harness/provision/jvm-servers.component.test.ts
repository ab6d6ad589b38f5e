import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { demandCacheFlag, useCacheFlag } from './jvm-servers.ts';
import { inspectMachine } from './machine.ts';
import { provision } from './provision.ts';

/** The Java that the testbed runs on; the wheel is installed when the machine has none. */
async function java() {
  const machine = await inspectMachine();
  return machine.java ?? (await provision({ bootCaches: false })).java;
}

const garbage = () => {
  const file = join(mkdtempSync(join(tmpdir(), 'sagaproof-cache-')), 'server.cache');
  writeFileSync(file, 'this is no boot cache');
  return file;
};

test('a JVM that does not accept its boot cache boots without it', async () => {
  const runtime = await java();
  const result = await execa(runtime.binary, [useCacheFlag(runtime, garbage()), '-version']);
  expect(result.exitCode).toBe(0);
});

test('a JVM that must accept its boot cache tells that it does not', async () => {
  const runtime = await java();
  const flags = [demandCacheFlag(runtime), useCacheFlag(runtime, garbage())];
  const result = await execa(runtime.binary, [...flags, '-version'], { reject: false });
  expect(result.exitCode).not.toBe(0);
});
