import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INFRASTRUCTURE } from '../kernel/address-book.ts';
import { type DoctorReport, doctorReport, hostAndPort } from './doctor.ts';
import { renderDoctor } from './render-doctor.ts';

const emptyCache = () => mkdtempSync(join(tmpdir(), 'sagaproof-doctor-'));
const row = (report: DoctorReport, name: string) =>
  report.components.find(({ component }) => component === name) ??
  expect.fail(`there is no row for ${name}`);

test('every component has its row, in order', async () => {
  const report = await doctorReport({ cache: emptyCache() });
  expect(report.components.map(({ component }) => component)).toEqual([...INFRASTRUCTURE]);
});

test('a component that is not installed is missing, with the command that installs it', async () => {
  const report = await doctorReport({ cache: emptyCache() });
  expect(row(report, 'postgres')).toMatchObject({
    provider: 'native',
    state: 'missing',
    fix: 'npx -y pnpm@12 sagaproof up',
  });
  expect(report.verdict).not.toBe('ready');
});

test('missing tools are reported with their fixes', async () => {
  const report = await doctorReport({ cache: emptyCache(), env: { PATH: '' } });
  const states = report.tools.filter(({ component }) => component !== 'java');
  expect(states.map(({ component, state }) => [component, state])).toEqual([
    ['maven', 'missing'],
    ['go', 'missing'],
    ['python', 'missing'],
  ]);
  expect(states.every(({ fix }) => (fix ?? '') !== '')).toBe(true);
  expect(report.verdict).toBe('blocked');
});

test('an address from the configuration replaces a component and is probed', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const redis = { url: `redis://user:secret@127.0.0.1:${port}/0` };
  const report = await doctorReport({ cache: emptyCache(), addresses: { redis } });
  await new Promise((resolve) => server.close(resolve));
  expect(row(report, 'redis')).toEqual({
    component: 'redis',
    provider: 'address',
    from: `127.0.0.1:${port}`,
    version: '–',
    state: 'ok',
  });
});

test('an address without a server is unreachable, and the report has no password', async () => {
  const kafka = { url: 'redis://user:secret@127.0.0.1:1' };
  const report = await doctorReport({ cache: emptyCache(), addresses: { redis: kafka } });
  expect(row(report, 'redis')).toMatchObject({
    state: 'unreachable',
    fix: expect.stringContaining('addresses.redis in sagaproof.config.ts'),
  });
  expect(report.verdict).toBe('blocked');
  expect(JSON.stringify(report)).not.toContain('secret');
});

test.each([
  [{ bootstrap: 'kafka.example:9092' }, { host: 'kafka.example', port: 9092 }],
  [{ url: 'postgres://u:p@db/name' }, { host: 'db', port: 5432 }],
  [
    { host: 'mail', port: 25, messagesUrl: 'http://mail:8025/' },
    { host: 'mail', port: 25 },
  ],
  [{ connectionString: 'esdb://store?tls=false' }, { host: 'store', port: 2113 }],
  [{ url: 'https://registry/apis' }, { host: 'registry', port: 443 }],
])('%j is an address', (address, expected) => {
  expect(hostAndPort(address)).toEqual(expected);
});

test('the table shows every row, and each fix once', async () => {
  const report = await doctorReport({ cache: emptyCache() });
  const text = renderDoctor(report);
  for (const { component, version } of report.components) {
    expect(text).toMatch(new RegExp(`${component} .*${version}`));
  }
  expect(text.split('npx -y pnpm@12 sagaproof up\n').length).toBe(2);
});
