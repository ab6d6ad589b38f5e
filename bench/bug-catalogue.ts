/** Bugs that services could have, as edits of our own: scenarios/bugs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { SERVICES } from '#harness/kernel/address-book.ts';
import { PACKAGE_ROOT } from '#harness/kernel/package-assets.ts';
import { Edits } from './edited-sources.ts';

/**
 * `plays` are scenarios, `cells` globs of ids of cells of the fault matrix, `loads` load models;
 * one is given.
 */
const Bugs = z.strictObject({
  bugs: z
    .array(
      z.strictObject({
        name: z.string(),
        class: z.string(),
        service: z.enum(SERVICES),
        breaks: z.string(),
        plays: z.array(z.string()).default([]),
        cells: z.array(z.string()).default([]),
        loads: z.array(z.string()).default([]),
        edits: Edits,
      }),
    )
    .min(1),
});
export type Bug = z.infer<typeof Bugs>['bugs'][number];

const CATALOGUE = join(PACKAGE_ROOT, 'scenarios', 'bugs');

/** Every bug of the catalogue. */
export function readBugs(): Bug[] {
  return readdirSync(CATALOGUE)
    .sort()
    .flatMap((file) => Bugs.parse(parse(readFileSync(join(CATALOGUE, file), 'utf8'))).bugs);
}
