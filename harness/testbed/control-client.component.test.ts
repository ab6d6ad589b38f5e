import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createControl } from './control-client.ts';

const TIMEOUT_MS = 200;
let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'control-'));
});
afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

it('gives a supervisor up that takes a question and does not answer', async () => {
  const socket = join(folder, 'control.sock');
  server = createServer((connection) => void connection.resume().unref()).listen(socket);
  const asked = createControl(socket, TIMEOUT_MS).status();
  await expect(asked).rejects.toThrow(/the supervisor does not answer at .*control\.sock/);
});

it('says so when there is none', async () => {
  const asked = createControl(join(folder, 'none.sock')).status();
  await expect(asked).rejects.toThrow(/the supervisor does not answer at .*none\.sock/);
});
