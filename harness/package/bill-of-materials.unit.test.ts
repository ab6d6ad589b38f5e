import { describe, expect, it } from 'vitest';
import { packageAsset } from '../kernel/package-assets.ts';
import { billOfMaterials } from './bill-of-materials.ts';

describe('the bill of materials', () => {
  const built = (...names: readonly string[]) =>
    new Map(names.map((name) => [name, packageAsset(`node_modules/${name}`)]));

  it('has each package with its version, its licence and its package URL', () => {
    const { bomFormat, specVersion, components } = JSON.parse(
      billOfMaterials(built('ws', '@bufbuild/protobuf')),
    );
    expect({ bomFormat, specVersion }).toEqual({ bomFormat: 'CycloneDX', specVersion: '1.6' });
    expect(components).toEqual([
      expect.objectContaining({
        name: '@bufbuild/protobuf',
        purl: expect.stringMatching(/^pkg:npm\/%40bufbuild\/protobuf@\d/),
      }),
      expect.objectContaining({
        name: 'ws',
        version: expect.stringMatching(/^\d/),
        licenses: [{ expression: 'MIT' }],
      }),
    ]);
  });

  it('is the same for the same packages, in any order', () => {
    const { components } = JSON.parse(billOfMaterials(built('pg', 'ws')));
    expect(JSON.parse(billOfMaterials(built('ws', 'pg'))).components).toEqual(components);
  });
});
