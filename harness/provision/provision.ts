import { join } from 'node:path';
import type { Infrastructure } from '../kernel/address-book.ts';
import { cacheFolder } from './cache-folder.ts';
import { catalogue } from './catalogue.ts';
import { ensurePackages, inspectPackages } from './ensure-packages.ts';
import { ProvisionError } from './error.ts';
import type { Installation } from './installation.ts';
import { registryFolder } from './jvm-servers.ts';
import { inspectMachine, type Machine } from './machine.ts';
import type { Installed, ProvisionEvent } from './package.ts';
import { STORAGE_FILES } from './packages/kafka-storage.ts';
import {
  javaOf,
  jvmServersOf,
  packageOf,
  postgresBinFolder,
  TOXIPROXY_BINARY,
  templateRunAs,
} from './servers.ts';

export interface ProvisionOptions {
  /** Default: `SAGAPROOF_CACHE_DIR`, else the user's cache folder. */
  readonly cache?: string;
  /** Servers that the user gives an address of: nothing is installed for them. */
  readonly replaced?: readonly Infrastructure[];
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ProvisionEvent) => void;
  /** False leaves the boot caches out: the JVM servers then boot three times as slowly. */
  readonly bootCaches?: boolean;
}

/**
 * Installs what is missing, in parallel where nothing depends, and says where everything is.
 * Throws a `ProvisionError` that names every package that could not be installed, with its fix.
 */
export async function provision(options: ProvisionOptions = {}): Promise<Installation> {
  const cache = options.cache ?? cacheFolder();
  const machine = await inspectMachine();
  const packages = catalogue(machine, options.replaced).filter(
    (pkg) => options.bootCaches !== false || pkg.name !== 'boot-caches',
  );
  const installed = await ensurePackages(packages, {
    cache,
    signal: options.signal ?? new AbortController().signal,
    onEvent: options.onEvent ?? (() => undefined),
  });
  return describeInstallation(cache, machine, installed);
}

/** Says where everything is, and installs nothing; throws when something needed is not there. */
export async function locateInstallation(
  options: Pick<ProvisionOptions, 'cache' | 'replaced'> = {},
): Promise<Installation> {
  const cache = options.cache ?? cacheFolder();
  const machine = await inspectMachine();
  const { installed, missing } = inspectPackages(catalogue(machine, options.replaced), cache);
  const [lacking] = missing.filter((pkg) => !pkg.optional);
  if (lacking !== undefined) throw notProvisioned(lacking.name, cache);
  return describeInstallation(cache, machine, installed);
}

function notProvisioned(pkg: string, cache: string): ProvisionError {
  return new ProvisionError([
    {
      pkg,
      code: 'not-provisioned',
      message: `it is not in ${cache}, or damaged there`,
      fix: 'npx -y pnpm@12 sagaproof up',
    },
  ]);
}

/** Each server is described when it is asked for: one that was replaced has no description. */
function describeInstallation(cache: string, machine: Machine, installed: Installed): Installation {
  const { packages } = machine.manifest;
  return {
    cacheFolder: cache,
    get java() {
      return javaOf(machine, installed);
    },
    get kafka() {
      const storage = packageOf(installed, 'kafka-storage').folder;
      const [metaProperties, bootstrapCheckpoint] = STORAGE_FILES;
      return {
        ...jvmServersOf(machine, installed).kafka,
        storage: {
          metaProperties: join(storage, metaProperties),
          bootstrapCheckpoint: join(storage, bootstrapCheckpoint),
        },
      };
    },
    get connect() {
      const debeziumVersion =
        packages['jvm-servers'].components?.['debezium']?.version ?? 'unknown';
      return { ...jvmServersOf(machine, installed).connect, debeziumVersion };
    },
    get registry() {
      const folder = registryFolder(packageOf(installed, 'jvm-servers').folder);
      return { ...jvmServersOf(machine, installed).registry, folder };
    },
    get toxiproxy() {
      const binary = join(packageOf(installed, 'toxiproxy').folder, TOXIPROXY_BINARY);
      return { binary, version: packages.toxiproxy.version };
    },
    get redis() {
      return describeRedis(machine, installed);
    },
    get postgres() {
      return {
        binFolder: postgresBinFolder(installed),
        version: packages.postgres.version,
        template: packageOf(installed, 'postgres-template').folder,
        runAs: templateRunAs(installed),
        env: {},
      };
    },
    get mongodb() {
      const { folder, facts } = packageOf(installed, 'mongodb');
      return {
        product: 'secantusdb' as const,
        version: packages.mongodb.version,
        command: [facts['python'] ?? 'python3', '-m', 'secantus'],
        env: { PYTHONPATH: folder, PYTHONNOUSERSITE: '1' },
      };
    },
  };
}

function describeRedis(machine: Machine, installed: Installed): Installation['redis'] {
  if (machine.redis !== undefined) return { ...machine.redis, product: 'redis' };
  const { folder, facts } = packageOf(installed, 'redis');
  const { version } = machine.manifest.packages.redis;
  return { binary: join(folder, facts['binary'] ?? ''), product: 'valkey', version };
}
