import { execa } from 'execa';
import { findOnPath } from '../kernel/child-command.ts';
import type { JavaRuntime } from './installation.ts';
import { currentPlatform, loadManifest, type Manifest } from './manifest.ts';
import { findMachineJava } from './packages/java.ts';

const VERSION_TIMEOUT_MS = 10_000;

/** What the catalogue of packages depends on besides the manifest. */
export interface Machine {
  readonly manifest: Manifest;
  /** A JDK that is new enough, when the machine has one. */
  readonly java: JavaRuntime | undefined;
  /** A Redis that is new enough; looked for only where there is no wheel for the platform. */
  readonly redis: { readonly binary: string; readonly version: string } | undefined;
}

/** Looks for what the machine has already and provisioning need not install. */
export async function inspectMachine(env: NodeJS.ProcessEnv = process.env): Promise<Machine> {
  const manifest = loadManifest();
  const { minimum = 21, preferred = minimum } = manifest.packages.java.machine ?? {};
  return {
    manifest,
    java: await findMachineJava({ minimum, preferred }, env),
    redis: await findMachineRedis(manifest, env),
  };
}

async function findMachineRedis(
  manifest: Manifest,
  env: NodeJS.ProcessEnv,
): Promise<Machine['redis']> {
  const { source, machine } = manifest.packages.redis;
  const hasWheel = source.kind === 'wheel' && source.sha256[currentPlatform()] !== undefined;
  if (hasWheel || machine === undefined) return undefined;
  const binary = await findOnPath(machine.command, env);
  if (binary === undefined) return undefined;
  const result = await execa(binary, ['--version'], {
    reject: false,
    timeout: VERSION_TIMEOUT_MS,
  });
  const version = /v=(\d+\.\d+\.\d+)/.exec(result.stdout)?.[1];
  const major = Number.parseInt(version ?? '', 10);
  return version !== undefined && major >= machine.minimum ? { binary, version } : undefined;
}
