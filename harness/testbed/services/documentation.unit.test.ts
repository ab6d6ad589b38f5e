import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ServiceManifest } from './manifest.ts';

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
const HOW_TO = read('../../../docs/how-to/bring-your-own-service.md');

it('tells of every placeholder', () => {
  const source = read('./plan.ts');
  const kinds = [...source.matchAll(/(?:set\(|\[)['`]([a-z]+\.[a-z]*)/g)].map((match) => match[1]);
  expect(kinds.length).toBeGreaterThan(5);
  expect(kinds.filter((kind) => !HOW_TO.includes(`\${${kind}`))).toEqual([]);
});

it('names every key of the manifest', () => {
  const unnamed = Object.keys(ServiceManifest.shape).filter((key) => !HOW_TO.includes(key));
  expect(unnamed).toEqual([]);
});
