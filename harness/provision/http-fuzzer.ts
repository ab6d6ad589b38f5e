import { existsSync } from 'node:fs';
import { cacheFolder } from './cache-folder.ts';
import { ensurePackages } from './ensure-packages.ts';
import { loadManifest, type Manifest, packageKey } from './manifest.ts';
import type { Package, ProvisionEvent } from './package.ts';
import { installPythonProgram, pythonLacks, toolsFor } from './packages/python.ts';
import { packageOf } from './servers.ts';

/** How Schemathesis is started: append its arguments to the command. */
export interface HttpFuzzer {
  readonly version: string;
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

const PACKAGE = 'schemathesis';
/** Its wheel brings a script with the path of another machine's interpreter: this is the same. */
const ENTRY = 'from schemathesis.cli import schemathesis; schemathesis()';

/**
 * Installs Schemathesis if it is not in the cache yet. A stack boots without it, so it is not
 * in the catalogue: `conformance` installs it on demand.
 *
 * @throws ProvisionError that names what the machine lacks, with the fix
 */
export async function provisionHttpFuzzer(
  options: {
    readonly cache?: string;
    readonly signal?: AbortSignal;
    readonly onEvent?: (event: ProvisionEvent) => void;
  } = {},
): Promise<HttpFuzzer> {
  const manifest = loadManifest();
  const installed = await ensurePackages([schemathesis(manifest)], {
    cache: options.cache ?? cacheFolder(),
    signal: options.signal ?? new AbortController().signal,
    onEvent: options.onEvent ?? (() => undefined),
  });
  const { folder, facts } = packageOf(installed, PACKAGE);
  return {
    version: manifest.packages.schemathesis.version,
    command: [facts['python'] ?? 'python3', '-c', ENTRY],
    env: { PYTHONPATH: folder, PYTHONNOUSERSITE: '1', PYTHONDONTWRITEBYTECODE: '1' },
  };
}

function schemathesis(manifest: Manifest): Package {
  const entry = manifest.packages.schemathesis;
  const { source } = entry;
  if (source.kind !== 'python') throw new Error('Schemathesis is a Python program');
  const tools = toolsFor(source, manifest.tools);
  return {
    name: PACKAGE,
    title: `${entry.title} ${entry.version}`,
    needs: [],
    key: () => packageKey(entry),
    lacks: () => pythonLacks(tools, PACKAGE),
    unfit: ({ facts }) =>
      existsSync(facts['python'] ?? '') ? undefined : `its interpreter ${facts['python']} is gone`,
    install: (context) => installPythonProgram(source, tools, context),
  };
}
