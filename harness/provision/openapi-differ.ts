import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { ensurePieces } from './ensure-pieces.ts';
import { loadManifest } from './manifest.ts';
import { goTool } from './pieces/go.ts';
import { pieceOf } from './servers.ts';

const PIECE = 'oasdiff';
const BINARY = 'oasdiff';

/**
 * Builds oasdiff, a plain differ of OpenAPI documents, if it is not in the cache yet; gives the
 * path of its program. It is no part of the catalogue: only the gate's measurement asks for it.
 *
 * @throws ProvisionError that names what the machine lacks, and what mends it
 */
export async function provisionOpenapiDiffer(): Promise<string> {
  const installed = await ensurePieces([goTool(loadManifest(), PIECE, BINARY)], {
    cache: cacheFolder(),
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  return join(pieceOf(installed, PIECE).folder, BINARY);
}
