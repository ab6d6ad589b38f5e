import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoadDecoder } from '../../harness/history/read-load-shard.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** From an empty build cache, on a machine that does other things as well. */
const COLD_TIMEOUT_MS = 5 * 60_000;

const go = (args: readonly string[], env: Record<string, string> = {}) =>
  execa('go', args, { cwd: folder, all: true, reject: false, env });

describe('the k6 extension', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'xk6-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it(
    'passes its own tests, and the harness reads what it writes',
    async () => {
      const shard = join(scratch, 'sample.load');
      // -count=1: a cached result would write no shard.
      const args = ['test', '-count=1', './...'];
      const result = await go(args, { SAGAPROOF_SAMPLE_SHARD: shard });
      expect(result.all).not.toContain('FAIL');
      expect(result.exitCode).toBe(0);
      const lines = [...new LoadDecoder().push(readFileSync(shard))];
      const about = {
        ...{ type: 'ws', socket: 's1', scenario: 'load-k6', userId: 'u1', node: 'websocket-1' },
      };
      const update = { ...about, what: 'frame', message: { type: 'update', detail: '日本' } };
      expect(lines.map(({ line }) => JSON.parse(line) as unknown)).toEqual([
        { atMs: 10.25, ...about, what: 'open' },
        { atMs: 11, ...about, what: 'sent', message: { type: 'subscribe' } },
        { atMs: 12, ...update },
        { atMs: 13, ...update },
        { atMs: 14, ...about, what: 'closed', closeCode: 1000 },
      ]);
    },
    COLD_TIMEOUT_MS,
  );

  it(
    'is vetted and formatted, and fits the module API of k6',
    async () => {
      expect((await go(['vet', './...'])).all).toBe('');
      expect((await go(['vet', '-tags', 'k6', './...'])).all).toBe('');
      const format = await execa('gofmt', ['-l', '.'], { cwd: folder });
      expect(format.stdout).toBe('');
    },
    COLD_TIMEOUT_MS,
  );
});
