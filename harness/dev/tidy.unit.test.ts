import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceFiles, trackedPaths } from './source-files.ts';
import {
  brokenImports,
  fileFaults,
  floorsMissed,
  isScenario,
  roomFaults,
  type SourceFile,
  scenarioFaults,
} from './tidy.ts';

/** House rules that no linter knows. Each rule is shown to find what it forbids, then applied. */
const tracked = trackedPaths();
const files = sourceFiles();

const file = (path: string, text: string): SourceFile => ({ path, text });

describe('the rules find what they forbid', () => {
  it('finds a file that is too long, a line that is too wide, and a switched-off test', () => {
    expect(fileFaults(file('a/long.ts', 'x\n'.repeat(301)))).toHaveLength(1);
    expect(fileFaults(file('a/wide.ts', `// ${'x '.repeat(50)}`))).toHaveLength(1);
    const off = ['it', 'skip'].join('.');
    expect(fileFaults(file('a/off.unit.test.ts', `${off}('x', () => {});`))).toHaveLength(1);
    expect(fileFaults(file('a/Bad_Name.ts', ''))).toHaveLength(1);
    expect(fileFaults(file('a/fine.ts', 'export const fine = 1;\n'))).toEqual([]);
  });

  it('finds a machine path and a wait by the clock in a test', () => {
    expect(fileFaults(file('a/b.ts', `const x = '${['', 'root', 'x'].join('/')}';`))).toHaveLength(
      1,
    );
    const wait = `await ${'sleep'}(500);`;
    expect(fileFaults(file('a/b.unit.test.ts', wait))).toHaveLength(1);
  });

  it('finds an import of another service, and one of service code by the oracle', () => {
    const other = "import { x } from '../payment/domain.ts';";
    expect(brokenImports(file('reference-services/order/app.ts', other))).toHaveLength(1);
    const oracle = "import { x } from '../../reference-services/order/domain.ts';";
    expect(brokenImports(file('harness/invariants/no-oversell.ts', oracle))).toHaveLength(1);
    const kit = "import { x } from '#kit/errors.ts';";
    expect(brokenImports(file('scenarios/happy.ts', kit))).toHaveLength(1);
    expect(brokenImports(file('reference-services/order/app.ts', kit))).toEqual([]);
    expect(brokenImports(file('contracts/spec/topics.ts', kit))).toHaveLength(1);
    expect(brokenImports(file('contracts/a/for-b/c.contract.test.ts', kit))).toEqual([]);
  });

  it('finds a room that a service may not have', () => {
    expect(roomFaults(['reference-services/order/helpers.ts'])).toHaveLength(1);
    expect(roomFaults(['reference-services/order/domain.ts'])).toEqual([]);
  });

  it('finds a scenario without its claim, named unlike its file, or tied to a test runner', () => {
    const about = '/** Claims: a\n * Checks: b\n * Could be fooled: c */\n';
    const good = `${about}export default defineScenario({ name: 'a' });`;
    expect(scenarioFaults(file('scenarios/a.ts', good))).toEqual([]);
    expect(scenarioFaults(file('scenarios/b.ts', good))).toHaveLength(1);
    expect(scenarioFaults(file('scenarios/a.ts', good.replace('Checks:', '')))).toHaveLength(1);
    expect(scenarioFaults(file('scenarios/a.ts', good.replace('default ', '')))).toHaveLength(1);
    const tied = `import { expect } from 'vitest';\n${good}`;
    expect(scenarioFaults(file('scenarios/a.ts', tied))).toHaveLength(1);
  });

  it('finds a project whose floor is missed', () => {
    expect(floorsMissed(['a.unit.test.ts'])).not.toEqual([]);
  });
});

describe('the house rules hold', () => {
  it('for every file', () => {
    expect(files.flatMap(fileFaults)).toEqual([]);
  });

  it('for every import', () => {
    expect(files.filter(({ path }) => path.endsWith('.ts')).flatMap(brokenImports)).toEqual([]);
  });

  it('for the rooms of every reference service', () => {
    expect(roomFaults(tracked)).toEqual([]);
  });

  it('for every scenario', () => {
    const scenarios = files.filter(({ path }) => isScenario(path));
    expect(scenarios.length).toBeGreaterThan(0);
    expect(scenarios.flatMap(scenarioFaults)).toEqual([]);
  });

  it('for the number of test files of each kind', () => {
    expect(floorsMissed(tracked)).toEqual([]);
  });

  it('for every service: it has its canvas and its manifest', () => {
    const services = tracked.filter((path) => /^reference-services\/[^/]+\/main\.ts$/.test(path));
    const missing = services
      .map(dirname)
      .flatMap((folder) => [`${folder}/README.md`, `${folder}/sagaproof.service.yaml`])
      .filter((path) => !tracked.includes(path));
    expect(services.map((path) => basename(dirname(path))).length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });
});
