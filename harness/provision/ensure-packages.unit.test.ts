import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { entryFolder, workFolder } from './cache-folder.ts';
import { ensurePackages } from './ensure-packages.ts';
import { fakePackage } from './fixtures/fake-package.ts';
import type { Package, ProvisionEvent } from './package.ts';
import { stampFile } from './stamp.ts';

let cache: string;
let journal: string;
let events: ProvisionEvent[];

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-packages-'));
  cache = join(folder, 'cache');
  journal = join(folder, 'journal');
  writeFileSync(journal, '');
  events = [];
});

function ensure(...packages: readonly Package[]) {
  return ensurePackages(packages, {
    cache,
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
  });
}

const fake = (key?: string) => fakePackage({ journal, ...(key === undefined ? {} : { key }) });
const installations = () => readFileSync(journal, 'utf8').split('\n').length - 1;
const kinds = () => events.map(({ kind }) => kind);

async function installedFolder(): Promise<string> {
  return (await ensure(fake())).get('fake')?.folder ?? expect.fail('the fake is not installed');
}

test('a missing package is installed, with what its installation found out', async () => {
  const installed = await ensure(fake());
  expect(installed.get('fake')?.facts).toEqual({ answer: '42' });
  expect(kinds()).toEqual(['plan', 'started', 'done']);
});

test('a finished package is not installed again, and says nothing', async () => {
  await ensure(fake());
  events = [];
  await ensure(fake());
  expect(installations()).toBe(1);
  expect(events).toEqual([]);
});

test('a package with another key is installed next to the previous one', async () => {
  await ensure(fake('000000000000'));
  await ensure(fake('111111111111'));
  expect(installations()).toBe(2);
  expect(readdirSync(join(cache, 'pieces'))).toHaveLength(2);
});

test('a package that was not used for long goes when another one of its kind comes', async () => {
  await ensure(fake('000000000000'));
  utimesSync(stampFile(entryFolder(cache, 'fake', '000000000000')), 1, 1);
  await ensure(fake('111111111111'));
  expect(readdirSync(join(cache, 'pieces'))).toEqual(['fake-111111111111']);
});

test('a file that is gone is noticed and the package is installed again', async () => {
  rmSync(join(await installedFolder(), 'notes'));
  events = [];
  await ensure(fake());
  expect(events).toContainEqual({ kind: 'repair', pkg: 'fake', why: 'notes is missing' });
  expect(installations()).toBe(2);
});

test('a file with other bytes of the same length is noticed', async () => {
  const file = join(await installedFolder(), 'bin', 'program');
  writeFileSync(file, 'the pr0gram');
  utimesSync(file, 1, 1);
  await ensure(fake());
  expect(events).toContainEqual(
    expect.objectContaining({ kind: 'repair', why: 'bin/program has another checksum' }),
  );
  expect(readFileSync(file, 'utf8')).toBe('the program');
});

test('a file whose time alone has changed is as good as before', async () => {
  utimesSync(join(await installedFolder(), 'bin', 'program'), 1, 1);
  await ensure(fake());
  expect(installations()).toBe(1);
});

test('a stamp that cannot be read is no stamp', async () => {
  await ensure(fake());
  const stamp = stampFile(entryFolder(cache, 'fake', '0123456789ab'));
  writeFileSync(stamp, readFileSync(stamp, 'utf8').slice(0, 40));
  await ensure(fake());
  expect(events).toContainEqual(
    expect.objectContaining({ kind: 'repair', why: 'stamp.json cannot be read' }),
  );
  expect(installations()).toBe(2);
});

test('what a dead run left unfinished is removed, and what is another package’s stays', async () => {
  const mine = join(workFolder(cache), 'fake@dead');
  const other = join(workFolder(cache), 'fake-two@alive');
  for (const folder of [mine, other]) mkdirSync(folder, { recursive: true });
  await ensure(fake());
  expect(existsSync(mine)).toBe(false);
  expect(existsSync(other)).toBe(true);
});

test('a failed installation leaves nothing behind and names the package and its cause', async () => {
  const broken: Package = {
    ...fake(),
    install: async ({ folder }) => {
      appendFileSync(join(folder, 'half'), 'x');
      throw new Error('the download stopped');
    },
  };
  await expect(ensure(broken)).rejects.toThrow(/fake: the download stopped/);
  expect(readdirSync(workFolder(cache))).toEqual([]);
  expect(existsSync(join(cache, 'pieces'))).toBe(false);
});

test('a full disk is reported as such, with its fix', async () => {
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'));
  const broken: Package = { ...fake(), install: () => Promise.reject(error) };
  await expect(ensure(broken)).rejects.toThrow(/is full\n {2}fix: free 2 GB.*SAGAPROOF_CACHE_DIR/);
});

test('a cache that is not a folder is reported as such, with its fix', async () => {
  writeFileSync(cache, '');
  await expect(ensure(fake())).rejects.toThrow(/ENOTDIR.*\n {2}fix: make .*SAGAPROOF_CACHE_DIR/);
});

test('a cache where no folder can be made is reported as such, and the run ends', async () => {
  cache = '/proc/none/cache';
  await expect(ensure(fake())).rejects.toThrow(/\n {2}fix: .*SAGAPROOF_CACHE_DIR/);
});

test('one package that fails does not keep the others from being installed', async () => {
  const broken: Package = {
    ...fake(),
    name: 'broken',
    install: () => Promise.reject(new Error('no')),
  };
  const after: Package = { ...fakePackage({ journal, name: 'after' }), needs: ['broken'] };
  await expect(ensure(broken, after, fake())).rejects.toThrow(/broken: no/);
  expect(installations()).toBe(1);
  expect(events).toContainEqual({
    kind: 'skipped',
    pkg: 'after',
    because: 'broken is not there',
  });
});

test('an optional package that fails is reported and does not fail the run', async () => {
  const broken: Package = {
    ...fake(),
    optional: true,
    install: () => Promise.reject(new Error('no')),
  };
  expect((await ensure(broken)).size).toBe(0);
  expect(kinds()).toContain('failed');
});

test('all missing tools are reported together, before anything is installed', async () => {
  const lacking = (name: string, fix: string): Package => ({
    ...fakePackage({ journal, name }),
    lacks: async () => [{ pkg: name, code: 'tool-missing', message: `${name} has no tool`, fix }],
  });
  const run = ensure(lacking('one', 'get mvn'), lacking('two', 'get go'), fake());
  await expect(run).rejects.toThrow(/one has no tool\n {2}fix: get mvn\n.*\n {2}fix: get go/);
  expect(installations()).toBe(0);
});

test('an interrupted run ends soon, keeps what was finished, and says so', async () => {
  const interruption = new AbortController();
  const held = fakePackage({ journal, name: 'held', gate: join(cache, 'never') });
  const run = ensurePackages([fake(), held], {
    cache,
    signal: interruption.signal,
    onEvent: (event) => {
      if (event.kind === 'done') interruption.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ code: 'interrupted' });
  expect(readdirSync(join(cache, 'pieces'))).toHaveLength(1);
  expect(readdirSync(workFolder(cache))).toEqual([]);
});

test('a package is installed after the packages that it needs', async () => {
  const order: string[] = [];
  const noting = (name: string, needs: readonly string[]): Package => ({
    ...fakePackage({ journal, name }),
    needs,
    install: async (context) => {
      order.push(name);
      return fakePackage({ journal, name }).install(context);
    },
  });
  await ensure(noting('a', []), noting('b', ['a']), noting('c', ['b']));
  expect(order).toEqual(['a', 'b', 'c']);
});
