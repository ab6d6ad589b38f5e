import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageAsset } from '../kernel/package-assets.ts';
import { renderServicePage, servicePage, specifiedServices } from './service-pages.ts';

/** What an implementer asks about each service. */
const SECTIONS = ['## State', '## Ordering and duplicates', '## Life', '## Traces and logs'];

describe.each(specifiedServices())('the specification of %s', (service) => {
  const page = readFileSync(packageAsset(servicePage(service)), 'utf8');

  it('has the facts of the contract files (else: pnpm generate)', () => {
    expect(page).toBe(renderServicePage(service));
  });

  it.each(SECTIONS)('has the section %s', (section) => {
    expect(page).toContain(`\n${section}\n`);
  });
});
