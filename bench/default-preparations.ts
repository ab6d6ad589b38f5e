import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Installation } from '#harness/provision/installation.ts';

/**
 * What a start script does before the servers start, and provisioning has done once and for all.
 */
export async function withDefaultPreparations(
  installation: Installation,
  folder: string,
  signal: AbortSignal,
): Promise<Installation> {
  const template = await initdb(installation, join(folder, 'postgres'), signal);
  const storage = await formatStorage(installation, join(folder, 'kafka'), signal);
  // A spread reads every property; servers that were not provisioned would throw here, as they do
  // at a boot.
  return {
    ...installation,
    postgres: { ...installation.postgres, template },
    kafka: { ...installation.kafka, storage },
  };
}

async function initdb(
  { postgres }: Installation,
  folder: string,
  cancelSignal: AbortSignal,
): Promise<string> {
  const { prefix, uid, gid } = postgres.runAs;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (uid !== undefined) chownSync(folder, uid, gid ?? uid);
  const initdb = join(postgres.binFolder, 'initdb');
  const [command = initdb, ...args] = [...prefix, initdb, '-D', folder, '-U', 'postgres'];
  await execa(command, [...args, '-A', 'trust'], {
    env: postgres.env,
    stdout: 'ignore',
    cancelSignal,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  return folder;
}

async function formatStorage(
  { kafka }: Installation,
  folder: string,
  cancelSignal: AbortSignal,
): Promise<Installation['kafka']['storage']> {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'server.properties');
  const data = join(folder, 'data');
  const settings = [
    'process.roles=broker,controller',
    'node.id=1',
    // No port is opened: the tool only wants to see them.
    'controller.quorum.voters=1@127.0.0.1:19093',
    'listeners=PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093',
    'controller.listener.names=CONTROLLER',
    `log.dirs=${data}`,
  ];
  writeFileSync(config, settings.join('\n'));
  // A cluster id is 16 bytes in base64url; a leading dash would read as a flag.
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'S');
  const tool = ['-cp', kafka.classPath.join(':'), 'kafka.tools.StorageTool'];
  await execa(kafka.java, [...tool, 'format', '-t', id, '-c', config], {
    stdout: 'ignore',
    cancelSignal,
  });
  return {
    metaProperties: join(data, 'meta.properties'),
    bootstrapCheckpoint: join(data, 'bootstrap.checkpoint'),
  };
}
