import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importCycles, LAYERS, layerViolations, lengthFaults, tooLong } from './layers.ts';
import { resolveImport, structureOf } from './source-structure.ts';
import { IMPORT_CYCLES, LONG_UNITS } from './tidy-exceptions.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && !/(^|\/)gen\/|\.d\.ts$/.test(path))
  .flatMap((path) => {
    try {
      return [structureOf({ path, text: readFileSync(join(root, path), 'utf8') })];
    } catch (error) {
      // Deleted in the work tree and not yet in the index.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  });

const parse = (path: string, text: string) => structureOf({ path, text });

describe('the structure of a file', () => {
  it('separates imports that load code from those that are erased or run later', () => {
    const text = `
      import type { A } from './a.ts';
      import { type B } from './b.ts';
      import { type C, c } from '../links/c.ts';
      export { d } from '#harness/kernel/d.ts';
      const e = () => import('./e.ts');
      import { f } from 'node:fs';
    `;
    expect(parse('harness/testbed/x.ts', text).imports).toEqual([
      { target: 'harness/testbed/a.ts', typeOnly: true, lazy: false },
      { target: 'harness/testbed/b.ts', typeOnly: true, lazy: false },
      { target: 'harness/links/c.ts', typeOnly: false, lazy: false },
      { target: 'harness/kernel/d.ts', typeOnly: false, lazy: false },
      { target: 'harness/testbed/e.ts', typeOnly: false, lazy: true },
    ]);
  });

  it('resolves the aliases of package.json', () => {
    const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      imports: Record<string, string>;
    };
    for (const [alias, folder] of Object.entries(imports)) {
      const target = folder.replace(/^\.\//, '').replace('*', 'x.ts');
      expect(resolveImport('harness/a.ts', alias.replace('*', 'x.ts'))).toBe(target);
    }
  });

  it('measures functions, methods and classes', () => {
    const body = 'a();\n'.repeat(80);
    const text = `function f() {\n${body}}\nconst g = () => {\n${body}};\nclass H { m() {\n${body}} }`;
    const long = tooLong([parse('harness/kernel/x.ts', text)]);
    expect(Object.keys(long).map((unit) => unit.split('#')[1])).toEqual(['f', 'g', 'm']);
    const wide = parse('harness/kernel/y.ts', `class W {\n${'a = 1;\n'.repeat(160)}}`);
    expect(tooLong([wide])).toEqual({ 'harness/kernel/y.ts#W': 162 });
  });
});

describe('the rules about structure find what they forbid', () => {
  it.each([
    ['harness/kernel/a.ts', '../cli/b.ts', 1],
    ['harness/history/a.ts', '#harness/testbed/b.ts', 1],
    ['harness/cli/a.ts', '../kernel/b.ts', 0],
    ['harness/cli/a.ts', '../dev/b.ts', 1],
    ['harness/eventstore/a.ts', '../kernel/b.ts', 1],
    ['harness/nowhere/a.ts', './b.ts', 1],
    ['chaos/wire/a.ts', '../../harness/runner/b.ts', 1],
    ['chaos/matrix/a.ts', '../../harness/runner/b.ts', 0],
    ['harness/runner/a.ts', '../../chaos/matrix/b.ts', 1],
    ['chaos/faults/a.ts', '../matrix/b.ts', 1],
    ['chaos/nowhere/a.ts', './b.ts', 1],
    ['harness/kernel/a.unit.test.ts', '../cli/b.ts', 0],
  ])('%s imports %s: %i violations', (path, target, count) => {
    expect(layerViolations([parse(path, `import '${target}';`)])).toHaveLength(count);
  });

  it('finds a cycle of value imports, and none through types or lazy imports', () => {
    const file = (name: string, text: string) => parse(`harness/kernel/${name}.ts`, text);
    const cycle = [
      file('a', "import './b.ts';"),
      file('b', "import './c.ts'; import './d.ts';"),
      file('c', "import './a.ts';"),
      file('d', "import type { A } from './a.ts'; const a = () => import('./a.ts');"),
    ];
    const members = ['a', 'b', 'c'].map((name) => `harness/kernel/${name}.ts`);
    expect(importCycles(cycle)).toEqual([members]);
    expect(importCycles([...cycle].reverse())).toEqual([members]);
    expect(importCycles(cycle.slice(0, 2))).toEqual([]);
  });

  it('finds a unit that is too long, one that grew, and an exception that is too wide', () => {
    expect(lengthFaults({ x: 71 }, {})).toHaveLength(1);
    expect(lengthFaults({ x: 72 }, { x: 71 })).toHaveLength(1);
    expect(lengthFaults({ x: 71 }, { x: 72 })).toHaveLength(1);
    expect(lengthFaults({}, { x: 71 })).toHaveLength(1);
    expect(lengthFaults({ x: 71 }, { x: 71 })).toEqual([]);
  });
});

describe('the rules about structure hold', () => {
  it('for layers: each folder of the harness, chaos and load imports only folders below it', () => {
    expect(sources.length).toBeGreaterThan(500);
    expect(layerViolations(sources)).toEqual([]);
  });

  it('for the list of layers: each is a folder that exists', () => {
    const folders = new Set(
      sources.map(({ path }) => /^harness\/([^/]+)\/|^((?:chaos|load)\/[^/]+)\//.exec(path)),
    );
    const names = new Set([...folders].flatMap((found) => found?.[1] ?? found?.[2] ?? []));
    expect(LAYERS.filter((layer) => !names.has(layer))).toEqual([]);
  });

  it('for files: no cycle of value imports', () => {
    expect(importCycles(sources)).toEqual(IMPORT_CYCLES);
  });

  it('for the length of functions and classes', () => {
    expect(lengthFaults(tooLong(sources), LONG_UNITS)).toEqual([]);
  });
});
