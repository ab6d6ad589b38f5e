import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ServiceManifest } from './manifest.ts';

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
const HOW_TO = read('../../docs/how-to/your-own-service.md');

it('shows a manifest that the launcher’s tests run', () => {
  expect(HOW_TO).toContain(read('./fixtures/echo/sagaproof.service.yaml'));
});

it('names every key of the manifest', () => {
  const unnamed = Object.keys(ServiceManifest.shape).filter((key) => !HOW_TO.includes(key));
  expect(unnamed).toEqual([]);
});
