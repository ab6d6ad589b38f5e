import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Infrastructure } from '../kernel/address-book.ts';
import { trainBootCaches } from './boot-cache/train.ts';
import { ProvisionError } from './error.ts';
import { JVM_SERVERS } from './installation.ts';
import { serverFlags } from './jvm-servers.ts';
import type { Machine } from './machine.ts';
import { currentPlatform, derivedKey, packageKey } from './manifest.ts';
import type { Installed, Package } from './package.ts';
import { goTool } from './packages/go.ts';
import { describeJava } from './packages/java.ts';
import { formatKafkaStorage } from './packages/kafka-storage.ts';
import { installMaven } from './packages/maven.ts';
import {
  currentUser,
  INITDB_OPTIONS,
  installPostgres,
  makeTemplate,
  postgresPackageFolder,
} from './packages/postgres.ts';
import { installPythonProgram, installWheel, pythonLacks } from './packages/python.ts';
import {
  javaOf,
  jvmServersOf,
  packageOf,
  postgresBinFolder,
  TOXIPROXY_BINARY,
  templateRunAs,
  wheelJavaHome,
} from './servers.ts';
import { findTool } from './tools.ts';

/** The packages that each native server is made of; what they need comes along. */
export const MADE_OF: Readonly<Partial<Record<Infrastructure, readonly string[]>>> = {
  kafka: ['jvm-servers', 'kafka-storage', 'boot-caches'],
  connect: ['jvm-servers', 'boot-caches'],
  registry: ['jvm-servers', 'boot-caches'],
  postgres: ['postgres', 'postgres-template'],
  redis: ['redis'],
  mongodb: ['mongodb'],
  toxiproxy: ['toxiproxy'],
};

/**
 * Every package that this machine needs, each after the packages that it needs itself. Servers that
 * the user gives an address of need none.
 */
export function catalogue(
  machine: Machine,
  replaced: readonly Infrastructure[] = [],
): readonly Package[] {
  const all = allPackages(machine);
  const wanted = new Set(
    Object.entries(MADE_OF)
      .filter(([server]) => !replaced.includes(server as Infrastructure))
      .flatMap(([, packages]) => packages),
  );
  for (const pkg of [...all].reverse()) {
    if (wanted.has(pkg.name)) for (const need of pkg.needs) wanted.add(need);
  }
  return all.filter(({ name }) => wanted.has(name));
}

function allPackages(machine: Machine): readonly Package[] {
  return [
    ...(machine.java === undefined ? [javaWheel(machine)] : []),
    goTool(machine.manifest, 'toxiproxy', TOXIPROXY_BINARY),
    jvmServers(machine),
    postgres(machine),
    ...(machine.redis === undefined ? [redis(machine)] : []),
    mongodb(machine),
    kafkaStorage(machine),
    postgresTemplate(machine),
    bootCaches(machine),
  ];
}

/** A wheel's programs may lack the permission to be run. */
function makeExecutable(folder: string): void {
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o755);
}

function javaWheel({ manifest }: Machine): Package {
  const entry = manifest.packages.java;
  const { source } = entry;
  if (source.kind !== 'wheel') throw new Error('java comes from a wheel');
  return {
    name: 'java',
    title: `${entry.title} ${entry.version}`,
    needs: [],
    key: () => packageKey(entry),
    lacks: () => pythonLacks(manifest.tools, 'java'),
    install: async (context) => {
      await installWheel(source, { version: entry.version, tools: manifest.tools }, context);
      const home = wheelJavaHome(context.folder);
      makeExecutable(join(home, 'bin'));
      const helper = join(home, 'lib', 'jspawnhelper');
      if (existsSync(helper)) chmodSync(helper, 0o755);
      const java = await describeJava(home, 'wheel');
      if (java === undefined) throw new Error(`${source.package} carries no java that answers`);
      return { version: java.version };
    },
  };
}

function jvmServers(machine: Machine): Package {
  const { manifest } = machine;
  const entry = manifest.packages['jvm-servers'];
  const { source } = entry;
  if (source.kind !== 'maven') throw new Error('the JVM servers come through Maven');
  return {
    name: 'jvm-servers',
    title: entry.title,
    needs: machine.java === undefined ? ['java'] : [],
    key: () => packageKey(entry),
    lacks: async () => {
      const takeSilent = machine.java === undefined;
      const finding = await findTool('maven', manifest.tools, 'jvm-servers', { takeSilent });
      return finding.found ? [] : [finding.problem];
    },
    install: async (context) => {
      const javaHome = javaOf(machine, context.installed).home;
      const env = { ...process.env, JAVA_HOME: javaHome };
      const finding = await findTool('maven', manifest.tools, 'jvm-servers', { env });
      if (!finding.found) throw new ProvisionError([finding.problem]);
      await installMaven(source, { mvn: finding.tool.path, javaHome }, context);
      return { maven: finding.tool.version };
    },
  };
}

function redis({ manifest }: Machine): Package {
  const entry = manifest.packages.redis;
  const { source } = entry;
  if (source.kind !== 'wheel') throw new Error('Valkey comes from a wheel');
  return {
    name: 'redis',
    title: `${entry.title} ${entry.version}`,
    needs: [],
    key: () => packageKey(entry),
    lacks: () => pythonLacks(manifest.tools, 'redis'),
    install: async (context) => {
      await installWheel(source, { version: entry.version, tools: manifest.tools }, context);
      const binary = findFile(context.folder, 'valkey-server');
      chmodSync(join(context.folder, binary), 0o755);
      return { binary };
    },
  };
}

function mongodb({ manifest }: Machine): Package {
  const entry = manifest.packages.mongodb;
  const { source } = entry;
  if (source.kind !== 'python') throw new Error('SecantusDB is a Python program');
  return {
    name: 'mongodb',
    title: `${entry.title} ${entry.version}`,
    needs: [],
    key: () => packageKey(entry),
    lacks: () => pythonLacks(manifest.tools, 'mongodb'),
    unfit: ({ facts }) =>
      existsSync(facts['python'] ?? '') ? undefined : `its interpreter ${facts['python']} is gone`,
    install: (context) => installPythonProgram(source, manifest.tools, context),
  };
}

function postgres({ manifest }: Machine): Package {
  const entry = manifest.packages.postgres;
  const { source } = entry;
  if (source.kind !== 'npm') throw new Error('Postgres comes from an npm package');
  return {
    name: 'postgres',
    title: `${entry.title} ${entry.version}`,
    needs: [],
    key: () => packageKey(entry),
    lacks: async () => {
      if (postgresPackageFolder(source) !== undefined) return [];
      const message = `${source.package.replace('<platform>', currentPlatform())} is not installed`;
      const fix = 'npx -y pnpm@12 install (without --no-optional)';
      return [{ pkg: 'postgres', code: 'tool-missing', message, fix }];
    },
    install: async (context) => {
      const folder = postgresPackageFolder(source);
      if (folder === undefined) throw new Error(`${source.package} is not installed`);
      await installPostgres(folder, context);
      return {};
    },
  };
}

function kafkaStorage(machine: Machine): Package {
  const entry = machine.manifest.packages['jvm-servers'];
  return {
    name: 'kafka-storage',
    title: 'Formatted Kafka storage',
    needs: [...needsJava(machine), 'jvm-servers'],
    key: () => derivedKey('kafka-storage', entry.components?.['kafka']),
    install: async (context) => {
      const { kafka } = jvmServersOf(machine, context.installed);
      await formatKafkaStorage(kafka, context);
      return {};
    },
  };
}

function postgresTemplate({ manifest }: Machine): Package {
  return {
    name: 'postgres-template',
    title: 'Postgres data template',
    needs: ['postgres'],
    key: () =>
      derivedKey(
        'postgres-template',
        manifest.packages.postgres.version,
        currentUser(),
        ...INITDB_OPTIONS,
      ),
    install: (context) => makeTemplate(postgresBinFolder(context.installed), context),
  };
}

function bootCaches(machine: Machine): Package {
  return {
    name: 'boot-caches',
    title: 'Boot caches of the JVM servers',
    needs: [...needsJava(machine), 'jvm-servers', 'kafka-storage', 'postgres', 'postgres-template'],
    optional: true,
    key: (installed) => bootCachesKey(machine, installed),
    install: async (context) => {
      await trainBootCaches(
        {
          java: javaOf(machine, context.installed),
          servers: jvmServersOf(machine, context.installed),
          registryFolder: join(packageOf(context.installed, 'jvm-servers').folder, 'registry'),
          storageFolder: packageOf(context.installed, 'kafka-storage').folder,
          postgres: {
            binFolder: postgresBinFolder(context.installed),
            template: packageOf(context.installed, 'postgres-template').folder,
            runAs: templateRunAs(context.installed),
          },
        },
        context,
      );
      return {};
    },
  };
}

/** A JVM takes a cache only if itself, its class path and its kind of heap are the same. */
function bootCachesKey(machine: Machine, installed: Installed): string {
  const java = javaOf(machine, installed);
  const { size, mtimeMs } = statSync(join(java.home, 'lib', 'modules'));
  const { folder, id } = packageOf(installed, 'jvm-servers');
  const flags = JVM_SERVERS.map((name) =>
    serverFlags(name).filter((flag) => !flag.startsWith('-D')),
  );
  const { registry } = jvmServersOf(machine, installed);
  // Names only: a class path of another order is another class path.
  const classPath = registry.classPath.map((path) => relative(folder, path));
  const inside = [folder, id, flags, classPath];
  return derivedKey(java.home, java.version, size, Math.floor(mtimeMs / 1000), ...inside);
}

function needsJava(machine: Machine): readonly string[] {
  return machine.java === undefined ? ['java'] : [];
}

/** The path of the only file of this name, from `folder`. */
function findFile(folder: string, name: string): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const found = paths.find((path) => path.endsWith(`/${name}`));
  if (found === undefined) throw new Error(`there is no ${name} in ${folder}`);
  return found;
}
