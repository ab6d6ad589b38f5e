import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { ensurePackages } from './ensure-packages.ts';
import { loadManifest } from './manifest.ts';
import { goTool } from './packages/go.ts';
import { packageOf } from './servers.ts';

const PACKAGE = 'oasdiff';
const BINARY = 'oasdiff';

/**
 * Builds oasdiff, a plain differ of OpenAPI documents, if it is not in the cache yet; gives the
 * path of its program. It is no part of the catalogue: only the gate's measurement asks for it.
 *
 * @throws ProvisionError that names what the machine lacks, with the fix
 */
export async function provisionOpenapiDiffer(): Promise<string> {
  const installed = await ensurePackages([goTool(loadManifest(), PACKAGE, BINARY)], {
    cache: cacheFolder(),
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  return join(packageOf(installed, PACKAGE).folder, BINARY);
}
