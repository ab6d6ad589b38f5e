import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { excerptOf, README_FILES, RUNS_FILE } from '../bench/readme-excerpts.ts';
import { createProgram } from '../harness/cli/program.ts';
import { commandsOf } from '../harness/dev/cli-page.ts';
import { commandLines, isPartOf, relativeLinks, snippetsOf } from '../harness/dev/markdown.ts';
import { INVARIANTS } from '../harness/invariants/all.ts';
import { findScenarios, SCENARIO_FOLDERS } from '../harness/runner/scenario-files.ts';
import { loadConfig } from '../harness/testbed/config.ts';
import { loadManifest } from '../harness/testbed/services/manifest.ts';

/** Checks that the documentation is up to date. Each rule is first shown to find a fault. */
const root = fileURLToPath(new URL('../', import.meta.url));
const at = (path: string): string => join(root, path);
const read = (path: string): string => readFileSync(at(path), 'utf8');

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
});
const pages = listed.split('\n').filter((path) => path !== '' && existsSync(at(path)));

describe('the rules find what they forbid', () => {
  const page = '<!-- from: a.ts -->\n```ts\nconst a = 1;\n…\nconst c = 3;\n```\n';

  it('finds a snippet that its file does not have, or not in that order', () => {
    const [snippet] = snippetsOf(page);
    expect(snippet).toEqual({ from: 'a.ts', text: 'const a = 1;\n…\nconst c = 3;', line: 1 });
    const text = snippet?.text ?? '';
    expect(isPartOf(text, 'const a = 1;\nconst b = 2;\nconst c = 3;\n')).toBe(true);
    expect(isPartOf(text, 'const c = 3;\nconst a = 1;\n')).toBe(false);
    expect(isPartOf(text, 'const a = 1;\nconst c = 4;\n')).toBe(false);
    expect(isPartOf('const a = 1;', 'export const a = 1;\n')).toBe(false);
  });

  it('takes a mark without a block for a snippet that is nowhere', () => {
    const [snippet] = snippetsOf('<!-- from: a.ts -->\n\nText.\n');
    expect(isPartOf(snippet?.text ?? 'absent', 'anything')).toBe(false);
  });

  it('finds links and pictures, and none in code', () => {
    const links = '[a](b.md#c) [d](https://e.example) ![f](g.png) <img src="h.png"> `[i](j.md)`';
    expect(relativeLinks(links)).toEqual(['b.md', 'g.png', 'h.png']);
    expect(relativeLinks('```md\n[a](b.md)\n```\n[c](d.md)')).toEqual(['d.md']);
  });

  it('finds commands', () => {
    const text = 'Say `pnpm sagaproof up --fresh`.\n\n    pnpm sagaproof down   # ends it\n';
    expect(commandLines(text)).toEqual([['up', '--fresh'], ['down']]);
    expect(unknownIn(['fly'])).toEqual(['fly']);
    expect(unknownIn(['up', '--fresh', '--high'])).toEqual(['--high']);
  });
});

describe('the documentation is true', () => {
  it('shows snippets that are in the files that they name', () => {
    const marked = pages.flatMap((path) =>
      snippetsOf(read(path)).map((snippet) => ({ path, ...snippet })),
    );
    expect(marked.length).toBeGreaterThan(0);
    const wrong = marked.filter(
      ({ from, text }) => !existsSync(at(from)) || !isPartOf(text, read(from)),
    );
    expect(wrong.map(({ path, line, from }) => `${path}:${line} is not in ${from}`)).toEqual([]);
  });

  it('links to existing files', () => {
    const broken = pages.flatMap((path) =>
      relativeLinks(read(path))
        .filter((target) => !existsSync(join(root, dirname(path), decodeURI(target))))
        .map((target) => `${path} links to ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('uses commands and options that the command line has', () => {
    const wrong = pages.flatMap((path) =>
      commandLines(read(path)).flatMap((words) =>
        unknownIn(words).map((word) => `${path}: ${words.join(' ')}: no ${word}`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it.each(README_FILES)('keeps %s within 150 lines', (path) => {
    expect(read(path).split('\n').length - 1).toBeLessThanOrEqual(150);
  });

  it('has no number of invariants or scenarios that a script did not write', () => {
    const counted = /\b\d+ ?(?:invariants|scenarios|promises|の(?:不変条件|シナリオ|約束))/;
    expect(counted.test('checks 23 invariants')).toBe(true);
    const wrong = pages
      .filter((path) => path !== 'CHANGELOG.md' && path !== 'docs/performance.md')
      .flatMap((path) =>
        read(path)
          .replace(/^```text\n[\s\S]*?^```$/gm, '')
          .split('\n')
          .filter((line) => counted.test(line))
          .map((line) => `${path}: ${line}`),
      );
    expect(wrong).toEqual([]);
  });

  it('shows runs of the present invariants and scenarios (else: pnpm bench readme)', () => {
    const runs = JSON.parse(read(RUNS_FILE)) as { invariants: string[]; scenarios: string[] };
    expect(runs.invariants).toEqual(INVARIANTS.map(({ name }) => name));
    const names = findScenarios(SCENARIO_FOLDERS).map(({ name }) => name);
    // `verify` reports its sample of cells as one more.
    expect(runs.scenarios).toEqual([...names, 'fault-matrix'].sort());
    for (const path of README_FILES) {
      expect(excerptOf(read(path), 'red'), path).toMatch(/^INVALID: run/m);
      expect(excerptOf(read(path), 'green'), path).toMatch(
        new RegExp(`^${runs.scenarios.length} of ${runs.scenarios.length} scenarios passed`, 'm'),
      );
    }
  });

  it('has both READMEs show the same output, examples and links', () => {
    const blocks = (path: string) => read(path).match(/^```(text|yaml)\n[\s\S]*?^```$/gm);
    expect(blocks('README.ja.md')).toEqual(blocks('README.md'));
    const links = (path: string) =>
      new Set(relativeLinks(read(path)).filter((target) => !target.startsWith('README')));
    expect(links('README.ja.md')).toEqual(links('README.md'));
  });

  it('numbers each decision once and lists it in the index', () => {
    const decisions = pages.filter((path) => /^docs\/adr\/\d{4}-/.test(path));
    const numbers = decisions.map((path) => basename(path).slice(0, 4));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(decisions.length).toBeGreaterThan(0);
    const index = relativeLinks(read('docs/adr/README.md'));
    expect(index.sort()).toEqual(decisions.map((path) => basename(path)).sort());
  });

  it('gives each decision its date, status, context, alternatives, decision and consequence', () => {
    const parts = [
      'Date: 20',
      'Status: ',
      '## Context',
      '## Alternatives',
      '## Decision',
      '## Consequence',
    ];
    const lacking = pages
      .filter((path) => /^docs\/adr\/\d{4}-/.test(path))
      .flatMap((path) => parts.filter((part) => !read(path).includes(part)).map((p) => [path, p]));
    expect(lacking).toEqual([]);
  });
});

describe('the diffs of docs/how-to/four-additions', () => {
  const folder = 'docs/how-to/four-additions';
  const patches = readdirSync(at(folder));

  it('exist', () => {
    expect(patches).toHaveLength(4);
  });

  it.each(patches)('%s applies, with one new file and one entry in a table', (patch) => {
    execFileSync('git', ['apply', '--check', `${folder}/${patch}`], { cwd: root });
    const text = read(`${folder}/${patch}`);
    expect(text.match(/^new file mode/gm)).toHaveLength(1);
    const tables = text.split(/^diff --git /m).filter((part) => /^a\/\S+\/all\.ts /.test(part));
    // An import, and the entry.
    for (const part of tables) {
      expect(part.match(/^\+(?!\+)/gm)?.length).toBeLessThanOrEqual(2);
    }
  });
});

describe('the examples can be loaded', () => {
  it.each([
    ['auth', { service: 'auth', features: { absent: ['tracing'] } }],
    ['auth-python', { service: 'auth', features: { absent: ['tracing'] } }],
    ['job-management-go', { service: 'job-management', features: { absent: [] } }],
  ])('the manifest of %s', (example, says) => {
    const { manifest } = loadManifest(at(`examples/${example}/sagaproof.service.yaml`));
    expect(manifest).toMatchObject(says);
  });

  it('a configuration', async () => {
    const config = await loadConfig(at('examples/sagaproof.config.ts'));
    expect(Object.keys(config.addresses)).toEqual(['postgres', 'mongodb', 'eventstore']);
    // Relative to the file, wherever the command is given.
    expect(config.subjects).toEqual([at('my-order/sagaproof.service.yaml')]);
  });
});

/** Words of a command line that are no command and no option of it. */
function unknownIn(words: readonly string[]): string[] {
  const commands = commandsOf(createProgram());
  const [name = '', sub = ''] = words;
  const command = commands.find((c) => c.parent?.parent === null && c.name() === name);
  if (command === undefined) return /^[a-z]/.test(name) ? [name] : [];
  const chosen = command.commands.find((c) => c.name() === sub) ?? command;
  const known = [...chosen.options, ...command.options].flatMap(({ long, short }) => [long, short]);
  return words
    .map((word) => word.replace(/[.,;)]+$/, ''))
    .filter((word) => word.startsWith('-') && word !== '--help' && !known.includes(word));
}
