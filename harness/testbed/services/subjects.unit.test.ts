import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSubjects } from './subjects.ts';

const folder = mkdtempSync(join(tmpdir(), 'subjects-'));
afterAll(() => rmSync(folder, { recursive: true }));
const manifest = join(folder, 'sagaproof.service.yaml');
writeFileSync(
  manifest,
  'service: auth\nversion: "1"\ncommand: [./a]\nenv: { A: one, B: two }\nreadiness: { tcp: "h:1" }\n',
);

const envOf = (env: readonly string[]) => loadSubjects([folder], env)[0]?.manifest.env;

describe('the subjects of a command', () => {
  it('are named by their manifest or by its folder', () => {
    expect(loadSubjects([folder])).toEqual(loadSubjects([manifest]));
    expect(loadSubjects([folder])[0]?.file).toBe(manifest);
  });

  it('get variables that are added to those of the manifest', () => {
    expect(envOf(['B=3', 'auth:C=a=b'])).toEqual({ A: 'one', B: '3', C: 'a=b' });
  });

  it.each([
    [['B'], 'is not NAME=value'],
    [['auht:B=1'], 'auht is no subject of this command; did you mean auth?'],
  ])('refuse %j', (env, message) => {
    expect(() => envOf(env)).toThrow(message);
  });

  it('refuse a variable without a subject', () => {
    expect(() => loadSubjects([], ['A=1'])).toThrow('--env A=1 has no subject');
  });
});
