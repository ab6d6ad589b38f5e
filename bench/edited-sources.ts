/** Copies of the reference services' sources with something changed in them. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageAsset } from '#harness/kernel/package-assets.ts';

export const Edits = z
  .array(z.strictObject({ file: z.string(), find: z.string(), replace: z.string() }))
  .min(1);
export type Edits = z.infer<typeof Edits>;

/** What a service is built from. */
const SOURCES = ['reference-services', 'proto', 'avro', 'contracts', 'package.json'];

/** Puts a fresh copy of the sources into a folder. */
export function copySources(root: string): void {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  for (const source of SOURCES) {
    cpSync(packageAsset(source), join(root, source), { recursive: true });
  }
}

/**
 * Makes changes in a copy. Each must fit one place: what fits none or several is out of date.
 *
 * @param whose names the changes in the error
 * @returns takes them back
 */
export function editSources(root: string, edits: Edits, whose: string): () => void {
  const before = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    const places = text.split(find).length - 1;
    if (places !== 1) {
      throw new Error(`${whose} is out of date: what it looks for is ${places} times in ${file}`);
    }
    if (!before.has(path)) before.set(path, text);
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
  }
  return () => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
}
