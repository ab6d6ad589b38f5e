import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StackContext } from '../../stack-context.ts';
import type { Provider } from '../provider.ts';
import type { ComponentNeeds } from '../recipes.ts';
import { childEnv } from './child-env.ts';
import { NATIVE_HOST } from './host.ts';
import { nativeServer } from './native-provider.ts';

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: NATIVE_HOST,
  unix_socket_directories: '',
  // A kill -9 of Postgres loses nothing without fsync; only a power cut would, and then the run is
  // over anyway. `synchronous_commit` stays on: without it Debezium sees every row 200 ms late.
  fsync: 'off',
  full_page_writes: 'off',
  // The log of a run is short: nothing is gained by segments that are written before their time.
  wal_init_zero: 'off',
  wal_recycle: 'off',
  wal_level: 'logical',
  max_wal_senders: '10',
  max_replication_slots: '10',
  max_connections: '100',
  shared_buffers: '32MB',
  // Each connection pays for the rounds; the passwords are random and live for one run.
  scram_iterations: '256',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** In the place of the template's own file: what is set twice is a warning at every reload. */
function settingsFile(port: number): string {
  const settings = { ...SETTINGS, port: String(port) };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('');
}

export function nativePostgres(
  context: StackContext,
  { port }: ComponentNeeds['postgres'],
): Provider {
  const { binFolder, template, runAs, version } = context.installation.postgres;
  const folder = join(context.paths.data, 'postgres');
  return nativeServer(context, {
    name: 'postgres',
    port,
    // "Immediate": no checkpoint, and no shared memory left behind, which SIGKILL would leave.
    lastSignal: 'SIGQUIT',
    version,
    command: async (signal) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Half the cost of Node's own copy, and in a process of its own.
      const env = { ...childEnv(context.paths), LC_ALL: 'C' };
      await promisify(execFile)('cp', ['-R', `${template}/.`, folder], { signal, env });
      writeFileSync(join(folder, 'postgresql.conf'), settingsFile(port));
      if (runAs.uid !== undefined) giveTo(folder, runAs.uid, runAs.gid ?? runAs.uid);
      return {
        command: [join(binFolder, 'postgres'), '-D', folder],
        prefix: runAs.prefix,
        ...(runAs.uid === undefined ? {} : { uid: runAs.uid }),
        ...(runAs.gid === undefined ? {} : { gid: runAs.gid }),
        env: context.installation.postgres.env,
        // "Fast": ends sessions. The default of SIGTERM waits for every client to leave.
        stopSignal: 'SIGINT',
      };
    },
  });
}

/** The template trusts every connection from this machine, to let the first password in. */
export function requirePostgresPasswords(context: StackContext): void {
  const file = join(context.paths.data, 'postgres', 'pg_hba.conf');
  writeFileSync(file, `host all,replication all ${NATIVE_HOST}/32 scram-sha-256\n`);
}

function giveTo(folder: string, uid: number, gid: number): void {
  chownSync(folder, uid, gid);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    chownSync(join(entry.parentPath, entry.name), uid, gid);
  }
}
