import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PACKED_BYTES_MAX,
  packPackage,
  UNPACKED_BYTES_MAX,
} from '#harness/package/pack-package.ts';
import type { Bench } from './bench.ts';

const mb = (bytes: number): string => `${(bytes / 1_000_000).toFixed(2)} MB`;

/** Size of the package that users install. */
export const packageSize: Bench = {
  name: 'package',
  summary: 'size of the tarball that users install',
  round: 'one build',
  rounds: 1,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'sagaproof-package-'));
    try {
      const { packedBytes, unpackedBytes, files } = await packPackage(folder);
      return {
        title: 'The package',
        method: 'The package is built and packed by npm. Its dependencies are not counted.',
        tables: [
          {
            head: ['', 'size', 'budget'],
            rows: [
              ['tarball', mb(packedBytes), mb(PACKED_BYTES_MAX)],
              [`unpacked, ${files} files`, mb(unpackedBytes), mb(UNPACKED_BYTES_MAX)],
            ],
          },
        ],
        targets: [
          {
            claim: 'the tarball and its content are within their budgets',
            seen: `${mb(packedBytes)}, ${mb(unpackedBytes)}`,
            met: packedBytes <= PACKED_BYTES_MAX && unpackedBytes <= UNPACKED_BYTES_MAX,
          },
        ],
        figures: { packedBytes, unpackedBytes, files },
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
