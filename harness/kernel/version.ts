import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './run-folder.ts';

/** Of this repository. */
export const VERSION: string = (
  JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string }
).version;
