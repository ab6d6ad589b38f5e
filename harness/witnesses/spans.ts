import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { IncompleteSource, type RecordEvent, type Recorder, type Witness } from './witness.ts';

const Page = z.looseObject({
  spans: z.array(
    z.looseObject({
      traceId: z.string(),
      spanId: z.string(),
      parentSpanId: z.string().optional(),
      name: z.string(),
      kind: z.string(),
      service: z.string(),
      startMs: z.number(),
      endMs: z.number(),
      error: z.boolean().optional(),
      attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    }),
  ),
  next: z.number(),
  /** Spans that the receiver dropped before they were read. */
  dropped: z.number().default(0),
});

/** How often the receiver is read. */
const POLL_INTERVAL_MS = 500;
/** Services export at least this often. */
const EXPORT_INTERVAL_MS = 1_000;
const REQUEST_TIMEOUT_MS = 5_000;

export const spans: Witness = {
  name: 'spans',
  sources: ['spans'],
  // What the services do when others read their state is not part of the run.
  settles: 'snapshot',
  start: ({ book, record }) => startSpans(book.otlp.spansUrl, record),
};

/** Records the spans that the OTLP receiver gets from now on. */
export async function startSpans(spansUrl: string, record: RecordEvent): Promise<Recorder> {
  let after = (await fetchPage(spansUrl, Number.MAX_SAFE_INTEGER)).total;
  let events = 0;
  let lost = 0;
  /** Later spans come from the harness's own reading of end states. */
  let untilMs = Number.POSITIVE_INFINITY;
  let reading: Promise<void> = Promise.resolve();
  const read = async () => {
    for (;;) {
      const page = await fetchPage(spansUrl, after);
      if (page.dropped > after) lost += page.dropped - after;
      const own = page.spans.filter(({ startMs }) => startMs <= untilMs);
      for (const span of own) record(spanSeen(span));
      events += own.length;
      after = page.next;
      if (page.spans.length === 0) return;
    }
  };
  const timer = setInterval(() => {
    // The next read makes up for one that failed; at the end, settling reports the failure.
    reading = reading.then(read).catch(() => undefined);
  }, POLL_INTERVAL_MS);
  return {
    get events() {
      return events;
    },
    async settle(deadlineMs) {
      untilMs = Date.now();
      const end = performance.now() + deadlineMs;
      // On a loaded machine exports come late: done when a whole interval brought none.
      for (let before = -1; before !== events && performance.now() < end; ) {
        before = events;
        await pause(EXPORT_INTERVAL_MS);
        await reading;
        await read();
      }
      if (lost > 0) throw new IncompleteSource(`the OTLP receiver dropped ${lost} spans`);
    },
    async close() {
      clearInterval(timer);
      await reading;
    },
  };
}

type Span = z.infer<typeof Page>['spans'][number];

function spanSeen(span: Span): Parameters<RecordEvent>[0] {
  const { traceId, spanId, parentSpanId, name, kind, service, startMs, endMs, attributes } = span;
  return {
    type: 'span',
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name,
    kind,
    service,
    startMs,
    endMs,
    ...(span.error === true ? { error: true } : {}),
    attributes,
  };
}

async function fetchPage(spansUrl: string, after: number) {
  const response = await fetch(`${spansUrl}?after=${after}`, {
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (!response.ok) throw new IncompleteSource(`${spansUrl} answered HTTP ${response.status}`);
  const body: unknown = await response.json();
  const total = Number((body as { total?: unknown }).total ?? 0);
  return { ...Page.parse(body), total };
}
