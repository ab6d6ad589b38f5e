import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { buildPackage } from './build-package.ts';

const MB = 1_000_000;
/** Two thirds of it are the reference services with their dependencies. */
export const PACKED_BYTES_MAX = 2.5 * MB;
export const UNPACKED_BYTES_MAX = 13 * MB;

const Packed = z.tuple([
  z.object({ filename: z.string(), size: z.int(), unpackedSize: z.int(), entryCount: z.int() }),
]);

export interface PackedPackage {
  /** Absolute. */
  readonly tarball: string;
  /** What was packed. */
  readonly source: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly files: number;
}

/** Builds the package and packs it; both are written into a folder, and nowhere else. */
export async function packPackage(folder: string): Promise<PackedPackage> {
  const source = join(folder, 'package');
  await buildPackage(source);
  mkdirSync(folder, { recursive: true });
  const { stdout } = await execa('npm', ['pack', source, '--json', '--pack-destination', folder]);
  const [packed] = Packed.parse(JSON.parse(stdout));
  return {
    tarball: join(folder, packed.filename),
    source,
    packedBytes: packed.size,
    unpackedBytes: packed.unpackedSize,
    files: packed.entryCount,
  };
}
