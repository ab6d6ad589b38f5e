import { execa } from 'execa';
import type { Machine } from './catalogue.ts';
import { currentPlatform, loadManifest, type Manifest } from './manifest.ts';
import { findMachineJava } from './pieces/java.ts';
import { findOnPath } from './run.ts';

const VERSION_TIMEOUT_MS = 10_000;

/** Looks for what the machine has already and provisioning need not install. */
export async function inspectMachine(env: NodeJS.ProcessEnv = process.env): Promise<Machine> {
  const manifest = loadManifest();
  const { minimum = 21, preferred = minimum } = manifest.pieces.java.machine ?? {};
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
  const { source, machine } = manifest.pieces.redis;
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
