import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { packageAsset } from '../kernel/package-assets.ts';
import { renderWirePage, WIRE_PAGE } from './wire-page.ts';

it('lists the operations of the wire proxy as they are (else: pnpm generate)', () => {
  expect(readFileSync(packageAsset(WIRE_PAGE), 'utf8')).toBe(renderWirePage());
});
