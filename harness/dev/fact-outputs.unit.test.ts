import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { factOutputs } from './fact-outputs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it.each(Object.entries(factOutputs()))('%s is current (else run pnpm generate)', (file, text) => {
  expect(readFileSync(`${root}${file}`, 'utf8')).toBe(text);
});
