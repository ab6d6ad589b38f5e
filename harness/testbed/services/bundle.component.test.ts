import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundlePrograms } from './bundle.ts';

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

async function bundleMain(): Promise<string> {
  const entry = join(folder, 'main.ts');
  const file = (await bundlePrograms([entry], builds)).get(entry);
  if (file === undefined) throw new Error('the build lacks the program');
  return file;
}
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const run = async (file: string) => (await execa(process.execPath, [file, 'Ada'])).stdout;

describe('one file of a program', () => {
  it('does the same, and finds the files next to its modules', async () => {
    const file = await bundleMain();
    expect(await run(file)).toBe('Hello Ada');
  });

  it('is made once', async () => {
    const file = await bundleMain();
    utimesSync(file, 0, 0);
    expect(await bundleMain()).toBe(file);
    expect(statSync(file).mtimeMs).toBe(0);
  });

  it('is made again when a module has changed; the older one stays for who runs it', async () => {
    const older = await bundleMain();
    write('part/greet.ts', GREET.replace("+ ' ' +", "+ ', dear ' +"));
    const newer = await bundleMain();
    expect(await run(newer)).toBe('Hello, dear Ada');
    expect(await run(older)).toBe('Hello Ada');
  });

  it('is made again when another version of a package is installed next to the older', async () => {
    const install = (version: string) => {
      const own = `node_modules/.pnpm/greetings@${version}/node_modules/greetings`;
      mkdirSync(join(folder, own), { recursive: true });
      write(`${own}/package.json`, '{ "name": "greetings", "exports": "./index.mjs" }');
      write(`${own}/index.mjs`, `export const greeting = 'Hello from ${version}';`);
      rmSync(join(folder, 'node_modules/greetings'), { force: true });
      symlinkSync(join(folder, own), join(folder, 'node_modules/greetings'));
      write('node_modules/.pnpm/lock.yaml', `greetings: ${version}`);
    };
    write('main.ts', `import { greeting } from 'greetings';\nconsole.log(greeting);\n`);
    install('1.0.0');
    expect(await run(await bundleMain())).toBe('Hello from 1.0.0');
    install('1.0.0-patched');
    expect(await run(await bundleMain())).toBe('Hello from 1.0.0-patched');
  });

  it('shares what two programs both import', async () => {
    write('other.ts', `import { greet } from './part/greet.ts';\nconsole.log(greet('Grace'));\n`);
    const entries = ['main.ts', 'other.ts'].map((name) => join(folder, name));
    const programs = await bundlePrograms(entries, builds);
    const said = await Promise.all(entries.map((entry) => run(programs.get(entry) ?? '')));
    expect(said).toEqual(['Hello Ada', 'Hello Grace']);
  });

  it('is made again when the record of it is damaged', async () => {
    await bundleMain();
    for (const name of readdirSync(builds)) {
      if (name.endsWith('.json')) writeFileSync(join(builds, name), '{"file":');
    }
    expect(await run(await bundleMain())).toBe('Hello Ada');
  });

  it('says which module is wrong when the program cannot be built', async () => {
    write('part/greet.ts', 'export const greet = (;');
    await expect(bundleMain()).rejects.toThrow(/greet\.ts/);
  });
});
