import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { readJournal } from '../kernel/journal.ts';
import { runPaths } from '../kernel/run-folder.ts';
import { sweepOrphans } from './orphans.ts';
import {
  newestRun,
  startedBy,
  stillRunning,
  untilEnded,
  untilNothingRuns,
  useOwnRuns,
} from './stack.testkit.ts';
import { bootStack, type Stack } from './stack.ts';

const OWNER = fileURLToPath(new URL('./fixtures/owner.ts', import.meta.url));

describe('a stack of Redis and Postgres', () => {
  const tests = useOwnRuns();
  const only = ['redis', 'postgres'] as const;
  let stack: Stack | undefined;
  const owners: ChildProcess[] = [];

  afterEach(async () => {
    await stack?.down();
    stack = undefined;
    for (const owner of owners.splice(0)) owner.kill('SIGKILL');
  });

  const boot = async (options: { fresh?: boolean; keep?: boolean } = {}): Promise<Stack> => {
    stack = await bootStack({ only, installation: tests.installation(), ...options });
    return stack;
  };

  /** A process that boots a stack of its own and then only waits. */
  async function startOwner(): Promise<{ readonly owner: ChildProcess; readonly folder: string }> {
    const owner = spawn(process.execPath, [OWNER, ...only], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    owners.push(owner);
    for await (const line of createInterface({ input: owner.stdout }))
      return { owner, folder: line };
    throw new Error('the owner ended before it had a stack');
  }

  it('is healthy, known by its address book, and gone after down', async () => {
    const { control, addressBook, runFolder } = await boot();
    const { state, resources } = await control.status({ health: true });
    expect(state).toBe('ready');
    expect(resources.map(({ name, healthy }) => [name, healthy])).toEqual([
      ['redis', true],
      ['postgres', true],
    ]);
    const paths = runPaths(runFolder);
    expect(JSON.parse(readFileSync(paths.addressBook, 'utf8'))).toEqual(addressBook);
    await stack?.down();
    stack = undefined;
    expect(stillRunning(paths)).toEqual([]);
    expect(existsSync(paths.data)).toBe(false);
    const ends = readJournal(paths.processes).filter((event) => event.event === 'exited');
    expect(ends.map(({ id, expected }) => [id, expected]).sort()).toEqual([
      ['postgres', true],
      ['redis', true],
      ['supervisor', true],
    ]);
  });

  it('gives each service a database that no other service gets into', async () => {
    const { addressBook } = await boot();
    const witness = addressBook.postgres.databases['payment']?.url ?? '';
    const client = new pg.Client({ connectionString: witness });
    await client.connect();
    const { rows } = await client.query<{ outbox: boolean; other: boolean; superuser: boolean }>(`
      select has_database_privilege('inventory', 'inventory', 'connect') as outbox,
             has_database_privilege('inventory', 'payment', 'connect') as other,
             (select rolsuper or rolcreatedb or rolcreaterole from pg_roles
               where rolname = 'inventory') as superuser`);
    await expect(client.query('create table public.x (id int)')).rejects.toThrow(
      /permission denied/,
    );
    await client.end();
    expect(rows).toEqual([{ outbox: true, other: false, superuser: false }]);
    const wrong = new URL(witness);
    wrong.password = 'guessed';
    const stranger = new pg.Client({ connectionString: wrong.href });
    await expect(stranger.connect()).rejects.toThrow(/password authentication failed/);
  });

  it('runs next to another one', async () => {
    const first = await boot();
    const second = await bootStack({ only, installation: tests.installation(), fresh: true });
    try {
      expect(second.addressBook.redis.url).not.toBe(first.addressBook.redis.url);
      const both = await Promise.all(
        [first, second].map((s) => s.control.status({ health: true })),
      );
      expect(both.flatMap(({ resources }) => resources.map((r) => r.healthy))).not.toContain(false);
    } finally {
      await second.down();
    }
  });

  it('goes down when the process that owns it is killed', async () => {
    const { owner, folder } = await startOwner();
    const run = runPaths(folder);
    expect(stillRunning(run).sort()).toEqual(['postgres', 'redis', 'supervisor']);
    owner.kill('SIGKILL');
    await untilNothingRuns(run);
    expect(existsSync(run.data)).toBe(false);
  });

  it('leaves nothing that the next run does not end when its supervisor is killed', async () => {
    const { folder } = await startOwner();
    const run = runPaths(folder);
    const supervisor = startedBy(run).find((event) => event.kind === 'supervisor');
    if (!supervisor) throw new Error('the journal lacks the supervisor');
    process.kill(supervisor.identity.pid, 'SIGKILL');
    await untilEnded(supervisor.identity);
    const { runFolder } = await boot({ fresh: true });
    expect(runFolder).not.toBe(folder);
    expect(stillRunning(run)).toEqual([]);
    expect(existsSync(run.data)).toBe(false);
    expect(await sweepOrphans()).toEqual([]);
  });

  it('is used again when it was kept and nothing has changed, not when it is owned', async () => {
    const owned = await boot();
    const kept = await bootStack({ only, installation: tests.installation(), keep: true });
    try {
      expect(kept.runFolder).not.toBe(owned.runFolder);
      // A kept stack is no run, so `latest` must not lead to it.
      expect(readlinkSync(join(tests.runsFolder(), 'latest'))).toBe(basename(owned.runFolder));
      const again = await bootStack({ only, installation: tests.installation(), keep: true });
      expect(again).toMatchObject({ runFolder: kept.runFolder, reused: true });
      const fewer = await bootStack({ only: ['redis'], installation: tests.installation() });
      expect(fewer.runFolder).not.toBe(kept.runFolder);
      await fewer.down();
    } finally {
      await kept.down();
    }
  });

  it('uses what the user runs at an address of their own, and leaves it running', async () => {
    const theirs = await boot();
    const config = join(tests.runsFolder(), 'theirs.config.ts');
    const { url } = theirs.addressBook.redis;
    writeFileSync(config, `export default { addresses: { redis: { url: '${url}' } } };`);
    const order = { only: ['redis'] as const, installation: tests.installation(), config };
    const ours = await bootStack(order);
    expect(ours.addressBook.redis.url).toBe(url);
    expect(ours.addressBook.providers.redis).toEqual({ provider: 'address', version: 'yours' });
    await expect(ours.control.restartInstance('redis')).rejects.toThrow(
      /has no process of its own/,
    );
    await ours.down();
    const { resources } = await theirs.control.status({ health: true });
    expect(resources.map(({ healthy }) => healthy)).toEqual([true, true]);
  });

  it('shows the log of a server that dies during the boot, and takes the others down', async () => {
    const { postgres, ...others } = tests.installation();
    const template = mkdtempSync(join(tmpdir(), 'template-'));
    const broken = { ...others, postgres: { ...postgres, template } };
    const failed = bootStack({ only, installation: broken });
    await expect(failed).rejects.toThrow(
      /postgres exited with code \d+[\s\S]*is not a valid data directory/,
    );
    expect(stillRunning(newestRun())).toEqual([]);
  });

  it('tells that a server has died since, and starts it again on the same port', async () => {
    const { control, addressBook } = await boot();
    await control.killInstance('redis');
    const dead = (await control.status({ health: true })).resources.find((r) => r.name === 'redis');
    expect(dead).toMatchObject({ state: 'exited', healthy: false });
    await control.restartInstance('redis');
    const alive = (await control.status({ health: true })).resources;
    expect(alive.every(({ healthy }) => healthy)).toBe(true);
    expect(await control.addressBook()).toEqual(addressBook);
  });
});
