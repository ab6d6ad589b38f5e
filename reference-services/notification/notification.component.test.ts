import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deadline, retry } from '#harness/kernel/poll.ts';
import { testContext } from '#kit/context.testkit.ts';
import { startTestPostgres, type TestPostgres } from '#kit/postgres.testkit.ts';
import { postgresPool } from '#kit/postgres.ts';
import { MIGRATIONS, postgresNotifications } from './adapters/postgres.ts';
import { smtpMailer } from './adapters/smtp.ts';
import { createNotifier, type Outcome } from './app.ts';
import { EMAIL, eventOf, JOB_ID, ORDER_ID, outcomesTo } from './domain.testkit.ts';
import type { Mailer } from './ports.ts';
import { startTestSmtp } from './smtp.testkit.ts';

const WAIT_MS = 20_000;
/** A lease that ends while the test looks on. */
const SHORT_LEASE_MS = 300;
const [APPROVED, REJECTED] = outcomesTo(EMAIL);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

async function startNotification(
  options: { readonly leaseMs?: number; readonly mailer?: (real: Mailer) => Mailer } = {},
) {
  const url = await postgres.createDatabase();
  const context = testContext('notification-1');
  const database = await postgresPool(context, url, { migrations: MIGRATIONS });
  const smtp = await startTestSmtp();
  const mailer = smtpMailer({ url: smtp.url, from: 'orders@sagaproof.example' });
  const outcomes: Outcome[] = [];
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  const compose = (decorate: (real: Mailer) => Mailer = (real) => real) =>
    createNotifier({
      notifications: postgresNotifications(database),
      mailer: decorate(mailer),
      inTrace: (_traceparent, work) => work(),
      onOutcome: (_kind, outcome) => outcomes.push(outcome),
      onRoundFailed: (error) => context.log.error({ err: error }, 'round failed'),
      ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    });
  const notifier = compose(options.mailer);
  return {
    smtp,
    notifier,
    compose,
    outcomes,
    run: (who = notifier) => void running.push(who.run(stopping.signal)),
    rows: () =>
      postgres.query(
        url,
        'select id, kind, state, attempts, recipient, last_error from notifications order by kind',
      ),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all(running);
      await mailer[Symbol.asyncDispose]();
      await smtp[Symbol.asyncDispose]();
      await context.end();
    },
  };
}

type Service = Awaited<ReturnType<typeof startNotification>>;

/** Waits until every notification is in one of these states. */
async function settled(service: Service, states: readonly string[]) {
  using limit = deadline(`every notification is ${states.join(' or ')}`, WAIT_MS);
  return retry(
    'notifications settle',
    async () => {
      const rows = await service.rows();
      const open = rows.filter(({ state }) => !states.includes(String(state)));
      if (rows.length === 0 || open.length > 0) throw new Error(JSON.stringify(rows));
      return rows;
    },
    { signal: limit.signal },
  );
}

describe('an outcome', () => {
  test('is sent once, however often and by however many instances its event is handled', async () => {
    await using service = await startNotification();
    service.run();
    service.run(service.compose());
    const event = eventOf(APPROVED);
    await Promise.all(Array.from({ length: 10 }, () => service.notifier.onEvent(event, '')));
    await service.notifier.onEvent({ ...event, messageId: crypto.randomUUID() }, '');
    const rows = await settled(service, ['sent']);
    expect(rows).toMatchObject([{ kind: 'order-approved', state: 'sent', attempts: 1 }]);
    expect(service.smtp.mails).toHaveLength(1);
    const [mail] = service.smtp.mails;
    expect(mail?.to).toBe(EMAIL);
    expect(mail?.messageId).toBe(`<${rows[0]?.['id']}@sagaproof.example>`);
    expect(mail?.text).toContain(`X-Sagaproof-Job-ID: ${JOB_ID}`);
    expect(mail?.text).toContain(ORDER_ID);
    expect(service.outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(10);
  });

  test('of each kind and of each job is sent separately', async () => {
    await using service = await startNotification();
    service.run();
    for (const payload of outcomesTo(EMAIL)) await service.notifier.onEvent(eventOf(payload), '');
    const [, , , refused] = outcomesTo(EMAIL);
    const otherJob = eventOf(refused, '0192f0c1-0000-7a4b-8c5d-6e7f80910a2b');
    await service.notifier.onEvent(otherJob, '');
    expect(await settled(service, ['sent'])).toHaveLength(5);
    expect(new Set(service.smtp.mails.map(({ messageId }) => messageId)).size).toBe(5);
  });

  test('without an address is kept and sent nowhere', async () => {
    await using service = await startNotification();
    service.run();
    const [approved] = outcomesTo('');
    await service.notifier.onEvent(eventOf(approved), '');
    await service.notifier.onEvent(eventOf(REJECTED), '');
    expect(await settled(service, ['sent', 'suppressed'])).toMatchObject([
      { kind: 'order-approved', state: 'suppressed', attempts: 0 },
      { kind: 'order-rejected', state: 'sent' },
    ]);
    expect(service.smtp.mails).toHaveLength(1);
  });

  test.each(['a@b.example, c@d.example', 'a@b.example\r\nBcc: c@d.example', 'nowhere'])(
    'for %j is failed and never sent',
    async (address) => {
      await using service = await startNotification();
      service.run();
      const [approved] = outcomesTo(address);
      await service.notifier.onEvent(eventOf(approved), '');
      expect(await settled(service, ['failed'])).toMatchObject([
        { attempts: 1, last_error: 'the recipient is no e-mail address' },
      ]);
      expect(service.smtp.mails).toEqual([]);
    },
  );
});

describe('sending', () => {
  test('is tried again when the server cannot take it now', async () => {
    await using service = await startNotification();
    let refusals = 0;
    service.smtp.replyWith(() => {
      refusals += 1;
      return refusals <= 2 ? { code: 451 } : undefined;
    });
    service.run();
    await service.notifier.onEvent(eventOf(APPROVED), '');
    expect(await settled(service, ['sent'])).toMatchObject([{ attempts: 3, last_error: null }]);
    expect(service.outcomes).toEqual(['recorded', 'retried', 'retried', 'sent']);
    expect(service.smtp.mails).toHaveLength(1);
  });

  test('is given up at once when the server will never take it', async () => {
    await using service = await startNotification();
    service.smtp.replyWith(() => ({ code: 550 }));
    service.run();
    await service.notifier.onEvent(eventOf(APPROVED), '');
    const [row] = await settled(service, ['failed']);
    expect(row).toMatchObject({ attempts: 1 });
    expect(row?.['last_error']).toContain('550');
    expect(service.outcomes).toEqual(['recorded', 'failed']);
  });

  test('is tried again when nothing listens', async () => {
    await using service = await startNotification();
    await service.smtp[Symbol.asyncDispose]();
    service.run();
    await service.notifier.onEvent(eventOf(APPROVED), '');
    using limit = deadline('a second attempt', WAIT_MS);
    const hasRetried = () => {
      if (!service.outcomes.includes('retried')) throw new Error(service.outcomes.join());
    };
    await retry('it is tried again', hasRetried, { signal: limit.signal });
    expect(await service.rows()).toMatchObject([{ state: 'pending', attempts: 1 }]);
  });

  test('by a process that died is taken over, under the same Message-ID', async () => {
    const dying: Mailer = { send: () => new Promise(() => undefined) };
    await using service = await startNotification({
      leaseMs: SHORT_LEASE_MS,
      // The mail is out and the process never gets to note it.
      mailer: (real) => ({
        send: async (message) => real.send(message).then(() => dying.send(message)),
      }),
    });
    const stopping = new AbortController();
    void service.notifier.run(stopping.signal);
    await service.notifier.onEvent(eventOf(APPROVED), '');
    using limit = deadline('the first mail', WAIT_MS);
    const isOut = () => {
      if (service.smtp.mails.length === 0) throw new Error('no mail yet');
    };
    await retry('the first mail is out', isOut, { signal: limit.signal });
    service.run(service.compose());
    expect(await settled(service, ['sent'])).toMatchObject([{ attempts: 2 }]);
    const [first, second] = service.smtp.mails;
    expect(second?.messageId).toBe(first?.messageId);
  });

  test('that outlives its lease cannot undo what its successor noted', async () => {
    const held = Promise.withResolvers<void>();
    const claimed = Promise.withResolvers<void>();
    await using service = await startNotification({
      leaseMs: SHORT_LEASE_MS,
      mailer: () => ({
        send: async () => {
          claimed.resolve();
          await held.promise;
          return { kind: 'failed', isPermanent: true, error: 'too late to matter' };
        },
      }),
    });
    service.run();
    await service.notifier.onEvent(eventOf(APPROVED), '');
    await claimed.promise;
    service.run(service.compose());
    const successor = await settled(service, ['sent']);
    held.resolve();
    using limit = deadline('the late answer', WAIT_MS);
    const isIn = () => {
      if (!service.outcomes.includes('failed')) throw new Error(service.outcomes.join());
    };
    await retry('the late answer is in', isIn, { signal: limit.signal });
    expect(await service.rows()).toEqual(successor);
  });
});
