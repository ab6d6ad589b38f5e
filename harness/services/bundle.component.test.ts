import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleNode } from './bundle.ts';

let folder: string;
let builds: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  builds = join(folder, 'builds');
  mkdirSync(join(folder, 'part'));
  write(
    'main.ts',
    `import { greet } from './part/greet.ts';\nconsole.log(greet(process.argv[2]));\n`,
  );
  write('part/greet.ts', GREET);
  write('part/greeting.txt', 'Hello');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const GREET = `import { readFileSync } from 'node:fs';
export const greet = (name?: string): string =>
  readFileSync(new URL('./greeting.txt', import.meta.url), 'utf8') + ' ' + name;
`;

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const run = async (file: string) => (await execa(process.execPath, [file, 'Ada'])).stdout;

describe('one file of a program', () => {
  it('does the same, and finds what lies beside the modules', async () => {
    const file = await bundleNode(join(folder, 'main.ts'), builds);
    expect(await run(file)).toBe('Hello Ada');
  });

  it('is made once', async () => {
    const entry = join(folder, 'main.ts');
    const file = await bundleNode(entry, builds);
    utimesSync(file, 0, 0);
    expect(await bundleNode(entry, builds)).toBe(file);
    expect(readdirSync(builds)).toHaveLength(2);
  });

  it('is made again when a module has changed; the older one stays for who runs it', async () => {
    const entry = join(folder, 'main.ts');
    const older = await bundleNode(entry, builds);
    write('part/greet.ts', GREET.replace("+ ' ' +", "+ ', dear ' +"));
    const newer = await bundleNode(entry, builds);
    expect(await run(newer)).toBe('Hello, dear Ada');
    expect(await run(older)).toBe('Hello Ada');
  });

  it('is made again when the record of it is damaged', async () => {
    const entry = join(folder, 'main.ts');
    await bundleNode(entry, builds);
    for (const name of readdirSync(builds)) {
      if (name.endsWith('.json')) writeFileSync(join(builds, name), '{"file":');
    }
    expect(await run(await bundleNode(entry, builds))).toBe('Hello Ada');
  });

  it('says which module is wrong when the program cannot be built', async () => {
    write('part/greet.ts', 'export const greet = (;');
    await expect(bundleNode(join(folder, 'main.ts'), builds)).rejects.toThrow(/greet\.ts/);
  });
});
