import { existsSync } from 'node:fs';
import { cacheFolder } from './cache-folder.ts';
import { ensurePieces } from './ensure-pieces.ts';
import { loadManifest, type Manifest, pieceKey } from './manifest.ts';
import type { Piece, ProvisionEvent } from './piece.ts';
import { installPythonProgram, pythonLacks, toolsFor } from './pieces/python.ts';
import { pieceOf } from './servers.ts';

/** How Schemathesis is started: append its arguments to the command. */
export interface HttpFuzzer {
  readonly version: string;
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

const PIECE = 'schemathesis';
/** Its wheel brings a script with the path of another machine's interpreter: this is the same. */
const ENTRY = 'from schemathesis.cli import schemathesis; schemathesis()';

/**
 * Installs Schemathesis if it is not in the cache yet. A stack boots without it, so it is no part
 * of the catalogue: whoever fuzzes asks for it.
 *
 * @throws ProvisionError that names what the machine lacks, and what mends it
 */
export async function provisionHttpFuzzer(
  options: {
    readonly cache?: string;
    readonly signal?: AbortSignal;
    readonly onEvent?: (event: ProvisionEvent) => void;
  } = {},
): Promise<HttpFuzzer> {
  const manifest = loadManifest();
  const installed = await ensurePieces([schemathesis(manifest)], {
    cache: options.cache ?? cacheFolder(),
    signal: options.signal ?? new AbortController().signal,
    onEvent: options.onEvent ?? (() => undefined),
  });
  const { folder, facts } = pieceOf(installed, PIECE);
  return {
    version: manifest.pieces.schemathesis.version,
    command: [facts['python'] ?? 'python3', '-c', ENTRY],
    env: { PYTHONPATH: folder, PYTHONNOUSERSITE: '1', PYTHONDONTWRITEBYTECODE: '1' },
  };
}

function schemathesis(manifest: Manifest): Piece {
  const entry = manifest.pieces.schemathesis;
  const { source } = entry;
  if (source.kind !== 'python') throw new Error('Schemathesis is a Python program');
  const tools = toolsFor(source, manifest.tools);
  return {
    name: PIECE,
    title: `${entry.title} ${entry.version}`,
    needs: [],
    key: () => pieceKey(entry),
    lacks: () => pythonLacks(tools, PIECE),
    unfit: ({ facts }) =>
      existsSync(facts['python'] ?? '') ? undefined : `its interpreter ${facts['python']} is gone`,
    install: (context) => installPythonProgram(source, tools, context),
  };
}
