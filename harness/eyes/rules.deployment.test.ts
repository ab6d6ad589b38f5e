import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import which from 'which';
import { packageAsset } from '../kernel/package-assets.ts';

const missing = (await which('promtool', { nothrow: true })) === null;

describe.skipIf(missing)(`alerts${missing ? ' (there is no promtool)' : ''}`, () => {
  it('fire for the series that they are about, and for no others', async () => {
    const file = packageAsset('observability/rules.test.yaml');
    const { all, exitCode } = await execa('promtool', ['test', 'rules', file], {
      all: true,
      reject: false,
    });
    expect(all).toContain('SUCCESS');
    expect(exitCode).toBe(0);
  });
});
