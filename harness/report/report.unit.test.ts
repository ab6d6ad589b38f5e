import { Script } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkEvents } from '../checker/check.ts';
import type { HistoryBuilder } from '../checker/testing/history-builder.ts';
import { goodStory } from '../checker/testing/story.ts';
import { uuidOf } from '../checker/testing/write-fixtures.ts';
import { INVARIANTS } from '../invariants/all.ts';
import { collectJobs } from './collect-jobs.ts';
import { renderJunit } from './render-junit.ts';
import { renderPage, script } from './render-page.ts';
import type { ReportData } from './report-data.ts';

function reported(edit: (to: HistoryBuilder) => unknown = () => undefined) {
  const { to } = goodStory(uuidOf);
  edit(to);
  const events = to.build();
  const verdict = checkEvents(events, INVARIANTS);
  const data = collectJobs(() => events, verdict);
  return { to, verdict, data };
}

const ORIGIN = { again: 'pnpm sagaproof verify --seed 1', folder: 'runs/run-1' };

const jobOf = (data: ReportData, jobId: string) => {
  const job = data.jobs.find((one) => one.jobId === jobId);
  if (job === undefined) throw new Error(`the report has no job ${jobId}`);
  return job;
};

describe('the jobs of a report', () => {
  it('have all their events, each on its lane', () => {
    const { data } = reported();
    const job = jobOf(data, uuidOf('job-a'));
    expect(job).toMatchObject({
      orderId: uuidOf('order-a'),
      userId: 'user-a',
      scenario: 'story',
      saga: 'PLACE_ORDER',
      state: 'SUCCEEDED',
    });
    const seen = job.events.map(({ lane, mark, label }) => `${data.lanes[lane]} ${mark} ${label}`);
    for (const due of [
      'client operation POST /v1/orders',
      'client operation ok 202',
      'api-gateway span POST a.place',
      'order stored OrderPlaced #0',
      'order event OrderPlaced',
      'order command ReserveStock',
      'inventory event StockReserved',
      'payment event PaymentCaptured',
      'shipping event ShipmentScheduled',
      'job-management update 10 SUCCEEDED',
      'websocket frame 10 SUCCEEDED',
      'websocket socket → subscribe',
    ]) {
      expect(seen).toContain(due);
    }
    expect(job.end.map(({ label }) => label)).toContain('read-model APPROVED');
  });

  it('have the wire operations of their traces, and the faults that hit those', () => {
    const { data } = reported((to) => {
      const traceId = (to.event('a.place.invoke') as { traceId?: string }).traceId ?? '';
      to.after('a.place.invoke', 'wire', {
        type: 'wire-operation',
        operation: 'wire-1',
        link: 'order→eventstore',
        protocol: 'grpc',
        name: 'grpc.Append',
        direction: 'outgoing',
        outcome: 'unanswered',
        error: 'cut',
        startMs: to.nowMs,
        endMs: to.nowMs + 5,
        attributes: {},
        traceId,
      }).after('wire', 'fault', {
        type: 'fault',
        fault: 'fault-1',
        name: 'cut',
        what: 'landed',
        target: 'order→eventstore',
        seed: '1',
        operation: 'wire-1',
      });
    });
    const { events } = jobOf(data, uuidOf('job-a'));
    expect(events).toContainEqual(
      expect.objectContaining({
        mark: 'wire',
        label: 'grpc.Append order→eventstore unanswered cut',
        lane: data.lanes.indexOf('order'),
        lastsMs: 5,
        bad: true,
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ mark: 'fault', label: 'cut landed: order→eventstore', bad: true }),
    );
  });

  it('are distinguished when they belong to one order', () => {
    const { data } = reported();
    const labels = (jobId: string) => jobOf(data, jobId).events.map(({ label }) => label);
    expect(labels(uuidOf('job-c'))).toContain('OrderPlaced');
    expect(labels(uuidOf('job-cc'))).toContain('OrderCancellationRequested');
    expect(labels(uuidOf('job-cc'))).not.toContain('OrderPlaced');
  });

  it('link effects to causes, and never show an effect before its cause', () => {
    const { to, data } = reported((history) =>
      // The reply has an earlier timestamp than its command.
      history.edit('a.RESERVE_STOCK.event', { timestampMs: 1_767_225_600_001 }),
    );
    const { events } = jobOf(data, uuidOf('job-a'));
    const at = (tag: string) => events.find(({ index }) => index === to.indexOf(tag));
    const command = at('a.RESERVE_STOCK.command');
    const reply = at('a.RESERVE_STOCK.event');
    expect(reply?.causes).toContain(command?.index);
    expect(reply?.ms).toBeGreaterThanOrEqual(command?.ms ?? Number.NaN);
    expect(at('a.frame.SUCCEEDED')?.causes).toEqual([to.indexOf('a.update.SUCCEEDED')]);
    expect(at('a.OrderPlaced')?.causes).toEqual([to.indexOf('a.stored.OrderPlaced')]);
    expect(events.map(({ ms }) => ms)).toEqual(
      events.map(({ ms }) => ms).toSorted((a, b) => a - b),
    );
  });

  it('list violating jobs first, then failed ones', () => {
    const { data } = reported((to) => to.without('c.cancel.REFUND_PAYMENT.event'));
    expect(data.jobs[0]?.violations).not.toEqual([]);
    expect(data.jobs.map(({ jobId }) => jobId).indexOf(uuidOf('job-r'))).toBeLessThan(
      data.jobs.map(({ jobId }) => jobId).indexOf(uuidOf('job-a')),
    );
  });

  it('are limited to the given number, with a count of all', () => {
    const events = goodStory(uuidOf).to.build();
    const data = collectJobs(() => events, checkEvents(events, INVARIANTS), 2);
    expect(data.jobs).toHaveLength(2);
    expect(data.jobsInAll).toBe(4);
  });

  it('include every event of a violation', () => {
    const { to, data } = reported((history) =>
      history.again('a.notification', { key: 'x', value: { orderId: 'order-x' } }),
    );
    const shown = [...data.elsewhere, ...data.jobs.flatMap((job) => [...job.events, ...job.end])];
    expect(shown.map(({ index }) => index)).toContain(to.indexOf('a.notification.again'));
  });
});

describe('the page', () => {
  it('is self-contained', () => {
    const { verdict, data } = reported();
    const page = renderPage(verdict, data, ORIGIN).replace(
      /<script type="application[^<]+<\/script>/,
      '',
    );
    expect(page).not.toMatch(/\b(src|href)\s*=\s*"(?!#)/);
    expect(page).not.toMatch(/url\(|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(page).toContain("default-src 'none'");
  });

  it('contains its data', () => {
    const { verdict, data } = reported();
    const held = /id="data">([^<]+)</.exec(renderPage(verdict, data, ORIGIN))?.[1] ?? '';
    const read: unknown = JSON.parse(gunzipSync(Buffer.from(held, 'base64')).toString());
    expect(read).toEqual(JSON.parse(JSON.stringify(data)));
  });

  it('joins its modules into a script that a browser can parse', () => {
    expect(() => new Script(script())).not.toThrow();
    expect(script()).not.toMatch(/^\s*(import|export) /m);
  });

  it('shows expected and observed behaviour, and escapes text', () => {
    const { verdict, data } = reported((to) =>
      to
        .without('a.notification')
        .edit('scenario.end', { outcome: 'failed', message: '</script><img src=x onerror=y>' }),
    );
    const page = renderPage(verdict, data, ORIGIN);
    expect(page).toContain('Each outcome of a saga is notified to its user exactly once.');
    expect(page).toContain(`OrderApproved of order ${uuidOf('order-a')} came 1 times`);
    expect(page).not.toContain('<img');
  });

  it('shows contract coverage only if there are contracts', () => {
    const { verdict, data } = reported();
    expect(renderPage(verdict, data, ORIGIN)).not.toContain('Contract coverage');
    const coverage = {
      columns: ['kind', 'seen', 'contracted', 'asserted', 'promised', 'occurred', 'seen of it'],
      rows: [['edges', '4', '3', '75 %', '5', '4', '80 %']],
      lists: [{ title: 'Seen, and in no contract', lines: ['edge <a> → b'], more: 7 }],
      reasons: ['a source is absent'],
    };
    const page = renderPage(verdict, data, ORIGIN, { coverage });
    for (const part of ['75 %', '80 %', 'edge &lt;a&gt; → b', 'and 7 more', 'a source is absent']) {
      expect(page).toContain(part);
    }
  });
});

describe('the elastic axis of a timeline', async () => {
  const { elasticAxis, duration } = (await import(
    new URL('./page/axis.js', import.meta.url).href
  )) as {
    elasticAxis: (
      events: ReadonlyArray<{ ms: number; lane: number }>,
      startPx: number,
    ) => { xs: number[]; waits: unknown[]; endPx: number; xOf: (ms: number) => number };
    duration: (ms: number) => string;
  };

  it('keeps events of one lane apart', () => {
    const { xs } = elasticAxis(
      [0, 0, 0].map((ms) => ({ ms, lane: 1 })),
      100,
    );
    expect(xs).toEqual([100, 117, 134]);
  });

  it('draws a long wait wider than a short one, up to a limit', () => {
    const { xs, waits } = elasticAxis(
      [0, 5, 105, 1e9].map((ms, lane) => ({ ms, lane })),
      0,
    );
    const [a = 0, b = 0, c = 0, d = 0] = xs;
    expect(c - b).toBeGreaterThan(b - a);
    expect(d - c).toBeLessThanOrEqual(92);
    expect(waits).toHaveLength(2);
  });

  it('interpolates any time between its neighbours', () => {
    const events = [0, 10, 20].map((ms, lane) => ({ ms, lane }));
    const { xs, xOf } = elasticAxis(events, 0);
    expect(xOf(15)).toBeCloseTo(((xs[1] ?? 0) + (xs[2] ?? 0)) / 2);
    expect([xOf(-5), xOf(99)]).toEqual([xs[0], xs[2]]);
  });

  it('formats durations for people', () => {
    expect([0.4, 12.4, 1_500, 65_000].map(duration)).toEqual([
      '0.4 ms',
      '12 ms',
      '1.50 s',
      '1 min 5 s',
    ]);
  });
});

describe('junit.xml', () => {
  it('has scenarios and invariants as test cases', () => {
    const xml = renderJunit(reported().verdict);
    expect(xml).toContain(`tests="${INVARIANTS.length + 1}" failures="0" errors="0"`);
    expect(xml).toContain('<testcase classname="invariants" name="exactly-one-outcome"/>');
    expect(xml).toContain('name="story"');
  });

  it('has violations as failures and unknown results as errors', () => {
    const { verdict } = reported((to) => to.without('a.notification', 'closed.spans'));
    const xml = renderJunit(verdict);
    expect(xml).toContain('failures="1" errors="2"');
    expect(xml).toContain('expected: Each outcome of a saga is notified');
    expect(xml).toContain('source spans is absent');
  });
});
