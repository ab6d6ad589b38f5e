import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadManifest, PACKAGE_NAMES } from './manifest.ts';
import { REFERENCE_PAGE, renderReferencePage } from './reference-page.ts';

test('the reference page is what the manifest makes it (else run pnpm generate)', () => {
  const page = readFileSync(new URL(`../../${REFERENCE_PAGE}`, import.meta.url), 'utf8');
  expect(page).toBe(renderReferencePage());
});

test('the page lists every package, and another version when the manifest does', () => {
  const manifest = loadManifest();
  const page = renderReferencePage(manifest);
  for (const name of PACKAGE_NAMES) expect(page).toContain(`| ${name} |`);
  const redis = { ...manifest.packages.redis, version: '99.9.9' };
  const newer = renderReferencePage({ ...manifest, packages: { ...manifest.packages, redis } });
  expect(newer).not.toBe(page);
  expect(newer).toContain('99.9.9');
});
