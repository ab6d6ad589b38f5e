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
  report.pieces.find(({ piece }) => piece === name) ?? expect.fail(`there is no row for ${name}`);

test('every piece of infrastructure has its row, in order', async () => {
  const report = await doctorReport({ cache: emptyCache() });
  expect(report.pieces.map(({ piece }) => piece)).toEqual([...INFRASTRUCTURE]);
});

test('what is not installed yet is missing, with the command that installs it', async () => {
  const report = await doctorReport({ cache: emptyCache() });
  expect(row(report, 'postgres')).toMatchObject({
    provider: 'native',
    state: 'missing',
    mend: 'npx -y pnpm@12 sagaproof up',
  });
  expect(report.verdict).not.toBe('ready');
});

test('a machine without the tools is told what is missing and what mends it', async () => {
  const report = await doctorReport({ cache: emptyCache(), env: { PATH: '' } });
  const states = report.tools.filter(({ piece }) => piece !== 'java');
  expect(states.map(({ piece, state }) => [piece, state])).toEqual([
    ['maven', 'missing'],
    ['go', 'missing'],
    ['python', 'missing'],
  ]);
  expect(states.every(({ mend }) => (mend ?? '') !== '')).toBe(true);
  expect(report.verdict).toBe('blocked');
});

test('an address of the user replaces a piece, and is knocked at', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const redis = { url: `redis://user:secret@127.0.0.1:${port}/0` };
  const report = await doctorReport({ cache: emptyCache(), addresses: { redis } });
  await new Promise((resolve) => server.close(resolve));
  expect(row(report, 'redis')).toEqual({
    piece: 'redis',
    provider: 'address',
    from: `127.0.0.1:${port}`,
    version: '–',
    state: 'ok',
  });
});

test('an address where nobody answers is unreachable, and no secret is told', async () => {
  const kafka = { url: 'redis://user:secret@127.0.0.1:1' };
  const report = await doctorReport({ cache: emptyCache(), addresses: { redis: kafka } });
  expect(row(report, 'redis')).toMatchObject({
    state: 'unreachable',
    mend: expect.stringContaining('addresses.redis in sagaproof.config.ts'),
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

test('the table tells every row, and each mend once', async () => {
  const report = await doctorReport({ cache: emptyCache() });
  const text = renderDoctor(report);
  for (const { piece, version } of report.pieces) {
    expect(text).toMatch(new RegExp(`${piece} .*${version}`));
  }
  expect(text.split('npx -y pnpm@12 sagaproof up\n').length).toBe(2);
});
