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
import { ensurePieces } from './ensure-pieces.ts';
import { fakePiece } from './fixtures/fake-piece.ts';
import type { Piece, ProvisionEvent } from './piece.ts';
import { stampFile } from './stamp.ts';

let cache: string;
let journal: string;
let events: ProvisionEvent[];

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-pieces-'));
  cache = join(folder, 'cache');
  journal = join(folder, 'journal');
  writeFileSync(journal, '');
  events = [];
});

function ensure(...pieces: readonly Piece[]) {
  return ensurePieces(pieces, {
    cache,
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
  });
}

const fake = (key?: string) => fakePiece({ journal, ...(key === undefined ? {} : { key }) });
const installations = () => readFileSync(journal, 'utf8').split('\n').length - 1;
const kinds = () => events.map(({ kind }) => kind);

async function installedFolder(): Promise<string> {
  return (await ensure(fake())).get('fake')?.folder ?? expect.fail('the fake is not installed');
}

test('a missing piece is installed, with what its installation found out', async () => {
  const installed = await ensure(fake());
  expect(installed.get('fake')?.facts).toEqual({ answer: '42' });
  expect(kinds()).toEqual(['plan', 'started', 'done']);
});

test('a finished piece is not installed again, and says nothing', async () => {
  await ensure(fake());
  events = [];
  await ensure(fake());
  expect(installations()).toBe(1);
  expect(events).toEqual([]);
});

test('a piece with another key is installed beside the one before', async () => {
  await ensure(fake('000000000000'));
  await ensure(fake('111111111111'));
  expect(installations()).toBe(2);
  expect(readdirSync(join(cache, 'pieces'))).toHaveLength(2);
});

test('a piece that was not used for long goes when another one of its kind comes', async () => {
  await ensure(fake('000000000000'));
  utimesSync(stampFile(entryFolder(cache, 'fake', '000000000000')), 1, 1);
  await ensure(fake('111111111111'));
  expect(readdirSync(join(cache, 'pieces'))).toEqual(['fake-111111111111']);
});

test('a file that is gone is noticed and the piece is installed again', async () => {
  rmSync(join(await installedFolder(), 'notes'));
  events = [];
  await ensure(fake());
  expect(events).toContainEqual({ kind: 'repair', piece: 'fake', why: 'notes is missing' });
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

test('what a dead run left unfinished is removed, and what is another piece’s stays', async () => {
  const mine = join(workFolder(cache), 'fake@dead');
  const other = join(workFolder(cache), 'fake-two@alive');
  for (const folder of [mine, other]) mkdirSync(folder, { recursive: true });
  await ensure(fake());
  expect(existsSync(mine)).toBe(false);
  expect(existsSync(other)).toBe(true);
});

test('a failed installation leaves nothing behind and names the piece and its cause', async () => {
  const broken: Piece = {
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

test('a full disk is told as such, with what mends it', async () => {
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'));
  const broken: Piece = { ...fake(), install: () => Promise.reject(error) };
  await expect(ensure(broken)).rejects.toThrow(/is full\n {2}fix: free 2 GB.*SAGAPROOF_CACHE_DIR/);
});

test('a cache that is no folder is told as such, with what mends it', async () => {
  writeFileSync(cache, '');
  await expect(ensure(fake())).rejects.toThrow(/ENOTDIR.*\n {2}fix: make .*SAGAPROOF_CACHE_DIR/);
});

test('a cache where no folder can be made is told as such, and it ends', async () => {
  cache = '/proc/none/cache';
  await expect(ensure(fake())).rejects.toThrow(/\n {2}fix: .*SAGAPROOF_CACHE_DIR/);
});

test('one piece that fails does not keep the others from being installed', async () => {
  const broken: Piece = {
    ...fake(),
    name: 'broken',
    install: () => Promise.reject(new Error('no')),
  };
  const after: Piece = { ...fakePiece({ journal, name: 'after' }), needs: ['broken'] };
  await expect(ensure(broken, after, fake())).rejects.toThrow(/broken: no/);
  expect(installations()).toBe(1);
  expect(events).toContainEqual({
    kind: 'skipped',
    piece: 'after',
    because: 'broken is not there',
  });
});

test('an optional piece that fails is told and is no failure', async () => {
  const broken: Piece = {
    ...fake(),
    optional: true,
    install: () => Promise.reject(new Error('no')),
  };
  expect((await ensure(broken)).size).toBe(0);
  expect(kinds()).toContain('failed');
});

test('all that the machine lacks is told together, before anything is installed', async () => {
  const lacking = (name: string, mend: string): Piece => ({
    ...fakePiece({ journal, name }),
    lacks: async () => [
      { piece: name, code: 'tool-missing', message: `${name} has no tool`, mend },
    ],
  });
  const run = ensure(lacking('one', 'get mvn'), lacking('two', 'get go'), fake());
  await expect(run).rejects.toThrow(/one has no tool\n {2}fix: get mvn\n.*\n {2}fix: get go/);
  expect(installations()).toBe(0);
});

test('an interrupted run ends soon, keeps what was finished, and says so', async () => {
  const interruption = new AbortController();
  const held = fakePiece({ journal, name: 'held', gate: join(cache, 'never') });
  const run = ensurePieces([fake(), held], {
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

test('a piece is installed after the pieces that it needs', async () => {
  const order: string[] = [];
  const noting = (name: string, needs: readonly string[]): Piece => ({
    ...fakePiece({ journal, name }),
    needs,
    install: async (context) => {
      order.push(name);
      return fakePiece({ journal, name }).install(context);
    },
  });
  await ensure(noting('a', []), noting('b', ['a']), noting('c', ['b']));
  expect(order).toEqual(['a', 'b', 'c']);
});
