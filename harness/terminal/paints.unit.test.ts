import { afterEach, expect, test, vi } from 'vitest';
import { PLAIN, paintsFor } from './paints.ts';

const FILE = {};
const TERMINAL = { isTTY: true };

afterEach(() => {
  vi.unstubAllEnvs();
});

const isPainted = (stream: { readonly isTTY?: boolean }) => paintsFor(stream).red('x') !== 'x';

test.each([
  { stream: 'a terminal', of: TERMINAL, env: {}, painted: true },
  { stream: 'a file', of: FILE, env: {}, painted: false },
  { stream: 'the log of a CI run', of: FILE, env: { CI: 'true' }, painted: false },
  { stream: 'a file, with FORCE_COLOR', of: FILE, env: { FORCE_COLOR: '1' }, painted: true },
  { stream: 'a terminal, with NO_COLOR', of: TERMINAL, env: { NO_COLOR: '1' }, painted: false },
])('$stream has colours: $painted', ({ of, env, painted }) => {
  for (const name of ['CI', 'FORCE_COLOR', 'NO_COLOR']) vi.stubEnv(name, '');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  expect(isPainted(of)).toBe(painted);
});

test('PLAIN applies no colour even with FORCE_COLOR', () => {
  vi.stubEnv('FORCE_COLOR', '1');
  expect(PLAIN.red('x')).toBe('x');
});
