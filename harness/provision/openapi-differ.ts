import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { ensurePieces } from './ensure-pieces.ts';
import { ProvisionError } from './error.ts';
import { loadManifest, type Manifest, pieceKey } from './manifest.ts';
import type { Piece } from './piece.ts';
import { installGoTool } from './pieces/go.ts';
import { pieceOf } from './servers.ts';
import { findTool } from './tools.ts';

const PIECE = 'oasdiff';
const BINARY = 'oasdiff';

/**
 * Builds oasdiff, a plain differ of OpenAPI documents, if it is not in the cache yet; gives the
 * path of its program. It is no part of the catalogue: only the gate's measurement asks for it.
 *
 * @throws ProvisionError that names what the machine lacks, and what mends it
 */
export async function provisionOpenapiDiffer(): Promise<string> {
  const installed = await ensurePieces([oasdiff(loadManifest())], {
    cache: cacheFolder(),
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  return join(pieceOf(installed, PIECE).folder, BINARY);
}

function oasdiff({ pieces, tools }: Manifest): Piece {
  const entry = pieces.oasdiff;
  const { source } = entry;
  if (source.kind !== 'go') throw new Error('oasdiff is built with Go');
  const go = () => findTool('go', tools, PIECE);
  return {
    name: PIECE,
    title: `${entry.title} ${entry.version}`,
    needs: [],
    key: () => pieceKey(entry),
    lacks: async () => {
      const finding = await go();
      return finding.found ? [] : [finding.problem];
    },
    install: async (context) => {
      const finding = await go();
      if (!finding.found) throw new ProvisionError([finding.problem]);
      await installGoTool(source, { go: finding.tool.path, binary: BINARY }, context);
      return { go: finding.tool.version };
    },
  };
}
