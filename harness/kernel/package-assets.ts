/**
 * Files that are part of Sagaproof: contracts, schemas, manifests, programs. They are where the
 * package is installed, or in the checkout, and are only ever read. What belongs to the user is in
 * the {@link workspaceFolder}.
 */
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the installed package, or of the checkout: both have the same layout. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** Absolute path of a file or folder of the package. */
export const packageAsset = (path: string): string => join(PACKAGE_ROOT, path);

/** The checkout runs TypeScript, the package what was compiled of it. */
const PROGRAM_EXTENSION = extname(fileURLToPath(import.meta.url));

/** False in a checkout, which compiles and bundles what it needs when it needs it. */
export const IS_BUILT = PROGRAM_EXTENSION === '.js';

/**
 * Absolute path of a module that is started as a process of its own.
 *
 * @param path from the root, without its extension: `harness/testbed/supervisor`
 */
export const packageProgram = (path: string): string => packageAsset(path + PROGRAM_EXTENSION);
