import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JSON_DOCUMENTS } from './json-documents.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sagaproof-eventstore-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (...args: readonly string[]) =>
  execa(process.execPath, [MAIN, 'eventstore', ...args], { reject: false });

describe('sagaproof eventstore', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'prints its address as JSON, serves clients, and ends with 0 on %s',
    async (signal) => {
      const args = [MAIN, 'eventstore', '--data', folder, '--port', '0', '--json'];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(child, 'exit');
      const lines = createInterface({ input: child.stdout });
      const [line] = (await once(lines, 'line')) as [string];
      const document = JSON_DOCUMENTS.eventstore.parse(JSON.parse(line));
      expect(document).toMatchObject({ host: '127.0.0.1', data: folder });
      const client = EventStoreDBClient.connectionString(document.url);
      await client.appendToStream('order', jsonEvent({ type: 'event', data: {} }));
      await client.dispose();
      child.kill(signal);
      expect(await exited).toEqual([0, null]);
      const events = await run('--data', folder, '--port', '70000');
      expect(events.stderr).toContain('from 0 to 65535');
    },
  );

  it('says why it cannot start, in the shape of every error', async () => {
    await writeFile(join(folder, 'events.sqlite'), 'Dear diary, '.repeat(1_000));
    const { exitCode, stdout } = await run('--data', folder, '--port', '0', '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'boot-failed', message: expect.stringContaining('not an SQLite database') },
    });
  });
});
