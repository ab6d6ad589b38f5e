import { randomBytes } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../kernel/child-command.ts';
import { javaProperties } from '../../kernel/java-properties.ts';
import type { JvmServer } from '../installation.ts';
import type { InstallContext } from '../package.ts';

/** The files of a formatted log folder; copying them saves a JVM start at every boot. */
export const STORAGE_FILES = ['meta.properties', 'bootstrap.checkpoint'] as const;

/** Formats a log folder once. The ports are not kept in it, so that any may be written here. */
export async function formatKafkaStorage(kafka: JvmServer, context: InstallContext): Promise<void> {
  const data = join(context.scratch, 'data');
  const config = join(context.scratch, 'server.properties');
  await writeFile(
    config,
    javaProperties({
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': '1@127.0.0.1:19093',
      listeners: 'PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093',
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': data,
    }),
  );
  await run(
    kafka.java,
    [
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-cp',
      kafka.classPath.join(':'),
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId(),
      '-c',
      config,
    ],
    context,
  );
  for (const file of STORAGE_FILES) await copyFile(join(data, file), join(context.folder, file));
}

/** 16 random bytes in base64url, which must not start with a dash (it would read as a flag). */
function clusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'S');
}
