import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { common, hostPortVar, readConfig } from './config.ts';
import { remainingMs, withDeadline } from './deadline.ts';
import { errorCodeOf, isRetryable, OperationalError } from './errors.ts';
import { Health } from './health.ts';
import { createLogger } from './service.ts';

describe('configuration', () => {
  const Config = common.extend({ KAFKA_BROKERS: hostPortVar, PASSWORD: z.string().min(20) });
  const good = {
    SERVICE_NAME: 'a',
    SERVICE_INSTANCE: 'a-1',
    ADMIN_PORT: '0',
    KAFKA_BROKERS: '127.0.0.1:1',
    PASSWORD: 'x'.repeat(20),
  };

  it('is read as the types that it declares', () => {
    expect(readConfig(Config, good)).toMatchObject({ ADMIN_PORT: 0, LOG_LEVEL: 'info' });
  });

  it('names every variable that is missing or wrong at once, and shows no value', () => {
    const env = { ...good, ADMIN_PORT: 'many', KAFKA_BROKERS: undefined, PASSWORD: 'swordfish' };
    const read = () => readConfig(Config, env);
    expect(read).toThrow(/ADMIN_PORT/);
    expect(read).toThrow(/KAFKA_BROKERS: is not set/);
    expect(read).toThrow(/PASSWORD/);
    expect(read).not.toThrow(/swordfish/);
  });
});

describe('errors', () => {
  it('are recognised by their code, whatever their class', () => {
    expect(errorCodeOf(new OperationalError('order-not-found'))).toBe('order-not-found');
    expect(errorCodeOf(Object.assign(new Error('theirs'), { code: 'unavailable' }))).toBe(
      'unavailable',
    );
    expect(errorCodeOf(Object.assign(new Error('theirs'), { code: 'ECONNRESET' }))).toBeUndefined();
    expect(errorCodeOf('unavailable')).toBeUndefined();
  });

  it('may be tried again unless the registry says that it does not help', () => {
    expect(isRetryable(new OperationalError('invalid-request'))).toBe(false);
    expect(isRetryable(new OperationalError('unavailable'))).toBe(true);
    expect(isRetryable(new Error('who knows'))).toBe(true);
  });
});

describe('a deadline', () => {
  it('leaves what is within it no more time than it has left itself', () => {
    expect(remainingMs(1_000)).toBe(1_000);
    withDeadline(500, undefined, () => {
      expect(remainingMs(1_000)).toBeLessThanOrEqual(500);
      expect(remainingMs(100)).toBe(100);
      withDeadline(9_000, undefined, () => expect(remainingMs(9_000)).toBeLessThanOrEqual(500));
    });
  });
});

describe('health', () => {
  it('is ready when it is composed and every check passes, and never again once it drains', async () => {
    const health = new Health();
    let isBroken = false;
    health.add('store', async () => {
      if (isBroken) throw new Error('no answer');
    });
    expect((await health.readiness()).ready).toBe(false);
    health.markComposed();
    expect(await health.readiness()).toEqual({
      ready: true,
      checks: { service: 'ok', store: 'ok' },
    });
    isBroken = true;
    expect(await health.readiness()).toMatchObject({
      ready: false,
      checks: { store: 'no answer' },
    });
    isBroken = false;
    health.markDraining();
    health.markComposed();
    expect((await health.readiness()).ready).toBe(false);
  });

  it('does not wait for a check that never ends', async () => {
    const health = new Health();
    health.markComposed();
    health.add('stuck', () => new Promise(() => undefined));
    expect((await health.readiness()).checks['stuck']).toMatch(/no answer in/);
  });
});

describe('the log', () => {
  it('shows no secret, however it is nested', () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    const log = createLogger({ LOG_LEVEL: 'info' }, stream);
    log.info({ token: 'swordfish', request: { headers: { authorization: 'swordfish' } } }, 'hi');
    log.info({ payload: { cardToken: 'swordfish' } }, 'hi');
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toContain('swordfish');
  });
});
