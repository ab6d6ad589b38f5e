import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JavaRuntime, JvmServer, JvmServerName } from './installation.ts';
import { PROVISION_FOLDER } from './manifest.ts';

/** From this version on, one run makes an AOT cache; older ones make a dynamic CDS archive. */
const AOT_SINCE = 25;

/**
 * A server of the testbed lives for minutes: quick compilation, the collector with the least
 * overhead on two cores, and a small heap (170 to 205 MB resident were measured with it).
 */
const COMMON_FLAGS = [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-XX:-UsePerfData',
  '-XX:+ExitOnOutOfMemoryError',
  '-Xmx256m',
] as const;

const EXTRA_FLAGS: Record<JvmServerName, readonly string[]> = {
  kafka: ['-Xms128m'],
  connect: ['-Xms96m'],
  // The last two are what the manifest of `quarkus-run.jar` asks for.
  registry: [
    '-Xms96m',
    '--add-opens=java.base/java.lang=ALL-UNNAMED',
    '--enable-native-access=ALL-UNNAMED',
  ],
};

const MAIN_CLASS = {
  kafka: 'kafka.Kafka',
  connect: 'org.apache.kafka.connect.cli.ConnectStandalone',
  // What `quarkus-run.jar` starts, in a class loader of its own that no boot cache can link.
  registry: 'io.quarkus.runner.GeneratedMain',
} as const;

/** In the order of Quarkus' own class loader: what was transformed hides what it was made of. */
const REGISTRY_FOLDERS = ['quarkus', 'app', 'lib/boot', 'lib/main'] as const;

export interface JvmServersInput {
  readonly java: JavaRuntime;
  /** The content folder of the package `jvm-servers`. */
  readonly folder: string;
  readonly versions: Readonly<Record<JvmServerName, string>>;
  /** The content folder of the package `boot-caches`, when there is one. */
  readonly bootCaches?: string;
}

/** How each JVM server is started from what is installed. */
export function describeJvmServers(
  input: JvmServersInput,
): Readonly<Record<JvmServerName, JvmServer>> {
  const jars = listJars(join(input.folder, 'jars'));
  const registry = registryFolder(input.folder);
  const server = (name: JvmServerName, classPath: readonly string[]) => {
    const bootCache =
      input.bootCaches === undefined ? undefined : bootCacheFile(input.bootCaches, name);
    return {
      name,
      version: input.versions[name],
      java: input.java.binary,
      flags: [
        ...serverFlags(name),
        ...(bootCache === undefined ? [] : [useCacheFlag(input.java, bootCache)]),
      ],
      classPath,
      entry: { mainClass: MAIN_CLASS[name] },
      bootCache,
    };
  };
  return {
    kafka: server('kafka', jars),
    connect: server('connect', jars),
    registry: {
      ...server(
        'registry',
        REGISTRY_FOLDERS.flatMap((folder) => listJars(join(registry, folder))),
      ),
      launcher: join(registry, 'quarkus-run.jar'),
    },
  };
}

export function registryFolder(jvmServersFolder: string): string {
  return join(jvmServersFolder, 'registry');
}

/** Sorted, because a boot cache is only good for the very class path that it was made with. */
function listJars(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  return names.sort().map((name) => join(folder, name));
}

export function bootCacheFile(bootCachesFolder: string, server: JvmServerName): string {
  return join(bootCachesFolder, `${server}.cache`);
}

/** Flags that matter to a boot cache: another collector or compiler needs another cache. */
export function serverFlags(name: JvmServerName): readonly string[] {
  const logging = `-Dlog4j2.configurationFile=${join(PROVISION_FOLDER, 'java/log4j2.properties')}`;
  return [...COMMON_FLAGS, ...EXTRA_FLAGS[name], ...(name === 'registry' ? [] : [logging])];
}

/** Boots from the cache; a JVM that does not accept it boots plainly (that is its default). */
export function useCacheFlag(java: JavaRuntime, file: string): string {
  return java.major >= AOT_SINCE ? `-XX:AOTCache=${file}` : `-XX:SharedArchiveFile=${file}`;
}

/** Writes the cache when the JVM exits. */
export function trainCacheFlag(java: JavaRuntime, file: string): string {
  return java.major >= AOT_SINCE
    ? `-XX:AOTCacheOutput=${file}`
    : `-XX:ArchiveClassesAtExit=${file}`;
}

/** Makes the JVM fail when it does not accept the cache. */
export function demandCacheFlag(java: JavaRuntime): string {
  return java.major >= AOT_SINCE ? '-XX:AOTMode=on' : '-Xshare:on';
}
