import { describe, expect, it } from 'vitest';
import { packageDescription } from './description.ts';
import { assetPaths, entryPaths } from './source-tree.ts';

describe('the package', () => {
  it('depends on what its modules import and on the commands that it runs, in our versions', () => {
    expect(packageDescription(new Set(['zod']), ['harness'])).toMatchObject({
      name: 'sagaproof',
      files: ['harness'],
      dependencies: {
        '@bufbuild/buf': expect.stringMatching(/^\d/),
        '@pact-foundation/pact-cli': expect.stringMatching(/^\d/),
        zod: expect.stringMatching(/^\d/),
      },
    });
  });

  it('is not built when a module imports what only development has', () => {
    expect(() => packageDescription(new Set(['zod', 'vitest']), [])).toThrow(/imports vitest/);
  });

  it('has every module that another one starts as a process', () => {
    expect(entryPaths()).toEqual(
      expect.arrayContaining([
        'harness/cli/main.ts',
        'chaos/wire/main.ts',
        'harness/contracts/provider/verifier-child.ts',
        'harness/eventstore/main.ts',
        'harness/testbed/supervisor.ts',
      ]),
    );
  });

  it('has the contracts, the templates of init and none of the tests', () => {
    const paths = assetPaths();
    expect(paths).toContain('contracts/spec/openapi.yaml');
    expect(paths).toContain('examples/own-repository/sagaproof.config.ts');
    const sources = paths.filter((path) => !path.startsWith('examples/'));
    expect(sources.filter((path) => /\.test\.|fixtures|\.ts$/.test(path))).toEqual([]);
  });
});
