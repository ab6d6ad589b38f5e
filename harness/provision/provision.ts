import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import {
  catalogue,
  javaOf,
  jvmServersOf,
  type Machine,
  pieceOf,
  postgresBinFolder,
  TOXIPROXY_BINARY,
  templateRunAs,
} from './catalogue.ts';
import { ensurePieces, inspectPieces } from './ensure-pieces.ts';
import { ProvisionError } from './error.ts';
import type { Installation } from './installation.ts';
import { registryFolder } from './jvm-servers.ts';
import { inspectMachine } from './machine.ts';
import type { Installed, ProvisionEvent } from './piece.ts';
import { STORAGE_FILES } from './pieces/kafka-storage.ts';

export interface ProvisionOptions {
  /** Default: `SAGAPROOF_CACHE_DIR`, else the user's cache folder. */
  readonly cache?: string;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ProvisionEvent) => void;
  /** False leaves the boot caches out: the JVM servers then boot three times as slowly. */
  readonly bootCaches?: boolean;
}

/**
 * Installs what is missing, in parallel where nothing depends, and says where everything is.
 * Throws a `ProvisionError` that names every piece that could not be had and what mends it.
 */
export async function provision(options: ProvisionOptions = {}): Promise<Installation> {
  const cache = options.cache ?? cacheFolder();
  const machine = await inspectMachine();
  const pieces = catalogue(machine).filter(
    (piece) => options.bootCaches !== false || piece.name !== 'boot-caches',
  );
  const installed = await ensurePieces(pieces, {
    cache,
    signal: options.signal ?? new AbortController().signal,
    onEvent: options.onEvent ?? (() => undefined),
  });
  return describeInstallation(cache, machine, installed);
}

/** Says where everything is, and installs nothing; throws when something needed is not there. */
export async function locateInstallation(
  options: Pick<ProvisionOptions, 'cache'> = {},
): Promise<Installation> {
  const cache = options.cache ?? cacheFolder();
  const machine = await inspectMachine();
  const { installed, missing } = inspectPieces(catalogue(machine), cache);
  const [lacking] = missing.filter((piece) => !piece.optional);
  if (lacking !== undefined) throw notProvisioned(lacking.name, cache);
  return describeInstallation(cache, machine, installed);
}

function notProvisioned(piece: string, cache: string): ProvisionError {
  return new ProvisionError([
    {
      piece,
      code: 'not-provisioned',
      message: `it is not in ${cache}, or damaged there`,
      mend: 'npx -y pnpm@12 sagaproof up',
    },
  ]);
}

function describeInstallation(cache: string, machine: Machine, installed: Installed): Installation {
  const { pieces } = machine.manifest;
  const servers = jvmServersOf(machine, installed);
  const storage = pieceOf(installed, 'kafka-storage').folder;
  const mongodb = pieceOf(installed, 'mongodb');
  return {
    cacheFolder: cache,
    java: javaOf(machine, installed),
    kafka: {
      ...servers.kafka,
      storage: {
        metaProperties: join(storage, STORAGE_FILES[0]),
        bootstrapCheckpoint: join(storage, STORAGE_FILES[1]),
      },
    },
    connect: {
      ...servers.connect,
      debeziumVersion: pieces['jvm-servers'].components?.['debezium'] ?? 'unknown',
    },
    registry: {
      ...servers.registry,
      folder: registryFolder(pieceOf(installed, 'jvm-servers').folder),
    },
    toxiproxy: {
      binary: join(pieceOf(installed, 'toxiproxy').folder, TOXIPROXY_BINARY),
      version: pieces.toxiproxy.version,
    },
    redis: describeRedis(machine, installed),
    postgres: {
      binFolder: postgresBinFolder(installed),
      version: pieces.postgres.version,
      template: pieceOf(installed, 'postgres-template').folder,
      runAs: templateRunAs(installed),
      env: {},
    },
    mongodb: {
      product: 'secantusdb',
      version: pieces.mongodb.version,
      command: [mongodb.facts['python'] ?? 'python3', '-m', 'secantus'],
      env: { PYTHONPATH: mongodb.folder, PYTHONNOUSERSITE: '1' },
    },
  };
}

function describeRedis(machine: Machine, installed: Installed): Installation['redis'] {
  if (machine.redis !== undefined) return { ...machine.redis, product: 'redis' };
  const { folder, facts } = pieceOf(installed, 'redis');
  const { version } = machine.manifest.pieces.redis;
  return { binary: join(folder, facts['binary'] ?? ''), product: 'valkey', version };
}
