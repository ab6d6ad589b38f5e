import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { retry } from '#harness/kernel/poll.ts';
import type { Installation } from '#harness/provision/installation.ts';
import { locateInstallation } from '#harness/provision/provision.ts';

const START_DEADLINE_MS = 20_000;

/** A real server of its own, on a Unix socket: no port to collide on. */
export interface TestPostgres extends AsyncDisposable {
  /** A fresh database. */
  createDatabase(): Promise<string>;
  /** Rows of a statement of the test's own. */
  query(url: string, sql: string): Promise<Array<Record<string, unknown>>>;
}

/** Starts the server that the testbed uses, empty. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const { postgres } = await locateInstallation();
  const folder = await mkdtemp(join(tmpdir(), 'sagaproof-postgres-'));
  const data = join(folder, 'data');
  await cp(postgres.template, data, { recursive: true });
  await giveTo(folder, postgres.runAs);
  const server = start(postgres, folder, data);
  const urlOf = (database: string) =>
    `postgres://postgres@/${database}?host=${encodeURIComponent(folder)}`;
  const query = async (url: string, sql: string) => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const signal = AbortSignal.timeout(START_DEADLINE_MS);
  await retry('Postgres answers', () => query(urlOf('postgres'), 'select 1'), { signal });
  let databases = 0;
  return {
    query,
    async createDatabase() {
      databases += 1;
      await query(urlOf('postgres'), `create database test_${databases}`);
      return urlOf(`test_${databases}`);
    },
    async [Symbol.asyncDispose]() {
      const ended = once(server, 'exit');
      server.kill('SIGQUIT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function start(postgres: Installation['postgres'], folder: string, data: string): ChildProcess {
  const { runAs, binFolder, env } = postgres;
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off'];
  const command = [join(binFolder, 'postgres'), '-D', data];
  const [program = '', ...args] = [
    ...runAs.prefix,
    ...command,
    ...settings.flatMap((setting) => ['-c', setting]),
  ];
  return spawn(program, args, {
    stdio: 'ignore',
    env: { ...process.env, ...env },
    ...(runAs.uid === undefined ? {} : { uid: runAs.uid }),
    ...(runAs.gid === undefined ? {} : { gid: runAs.gid }),
  });
}

async function giveTo(
  folder: string,
  { uid, gid = uid }: Installation['postgres']['runAs'],
): Promise<void> {
  if (uid === undefined || gid === undefined) return;
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chown(join(entry.parentPath, entry.name), uid, gid);
  }
}
