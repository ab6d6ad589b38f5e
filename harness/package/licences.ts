/** The licences of the packages that are built into the services. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { BuiltIn } from './service-bundles.ts';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
const Description = z.object({ version: z.string(), license: z.string().optional() });

/** Writes each package's name, version and licence text to one file. */
export function writeLicences(builtIn: BuiltIn, file: string): void {
  const parts = [...builtIn].map(([name, folder]) => {
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    const { version, license = 'see below' } = Description.parse(JSON.parse(text));
    const texts = readdirSync(folder)
      .filter((entry) => LICENCE_FILE.test(entry))
      .map((entry) => readFileSync(join(folder, entry), 'utf8').trim());
    return [`${name} ${version} (${license})`, ...texts].join('\n\n');
  });
  const intro = 'The reference services contain code of these packages.';
  writeFileSync(file, `${[intro, ...parts].join(`\n\n${'-'.repeat(72)}\n\n`)}\n`);
}
