/** Builds the package into `dist/`, which `pnpm pack` packs. */
import { packageAsset } from '../kernel/package-assets.ts';
import { buildPackage } from './build-package.ts';

await buildPackage(packageAsset('dist'));
