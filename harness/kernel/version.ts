import { readFileSync } from 'node:fs';
import { packageAsset } from './package-assets.ts';

/** Of Sagaproof, as its package.json has it. */
export const VERSION: string = (
  JSON.parse(readFileSync(packageAsset('package.json'), 'utf8')) as { version: string }
).version;
