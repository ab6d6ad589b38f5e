import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../history/event.ts';
import { coverageOf } from './cover.ts';
import { aboutCall, aboutStockReserved, historyOf, stockReserved } from './coverage.testkit.ts';
import {
  COVERAGE_SCHEMA_PATH,
  CoverageSchema,
  coverageJson,
  coverageJsonSchema,
} from './coverage-schema.ts';
import { Ledger } from './item.ts';
import { renderCoverage } from './render-coverage.ts';
import { parseMinimum } from './thresholds.ts';
import { writeWireLog } from './wire-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sagaproof-coverage-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const GET_ORDER = aboutCall(
  'sagaproof.order.v1.OrderService',
  'GetOrder',
  { orderId: 'o' },
  { status: 'OK', message: { order: { orderId: 'o' } } },
);
const RECORD = aboutStockReserved({ orderId: 'o', payload: { type: 'StockReserved' } });

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const linesOf = (events: readonly HistoryEvent[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');

/** Coverage of one history, with the contracts of two edges. */
function covered(text: string, minimum = '') {
  for (const [provider, interaction] of [
    ['inventory', RECORD],
    ['order', GET_ORDER],
  ] as const) {
    const pact = {
      consumer: { name: provider === 'order' ? 'api-gateway' : 'order' },
      provider: { name: provider },
      interactions: [{ description: 'd', ...interaction }],
    };
    written(`${pact.consumer.name}-${provider}.json`, JSON.stringify(pact));
  }
  return coverageOf({
    histories: [written('history.jsonl', text)],
    pacts: folder,
    wire: join(folder, 'wire'),
    unread: join(folder, 'unread'),
    minimum: minimum === '' ? {} : parseMinimum(minimum),
  });
}

describe('the verdict', () => {
  const whole = linesOf(historyOf(stockReserved()));

  it('is valid without a minimum, and tells all the same', () => {
    const coverage = covered(whole);
    expect(coverage).toMatchObject({ verdict: 'valid', reasons: [], thresholds: [] });
    expect(renderCoverage(coverage)).toContain('edge api-gateway → order (grpc)');
  });

  it('is invalid when a minimum is missed in one direction', () => {
    const coverage = covered(whole, 'edges=100');
    expect(coverage).toMatchObject({
      verdict: 'invalid',
      thresholds: [
        { kind: 'edges', direction: 'asserted', percent: 100, met: true },
        { kind: 'edges', direction: 'occurred', minimum: 100, met: false },
      ],
    });
    expect(renderCoverage(coverage)).toMatch(/✗ edges: .* % of contracts was seen; 100 %/);
  });

  it('is unknown for an empty history', () => {
    const { verdict, reasons } = covered('', 'edges=0');
    expect(verdict).toBe('unknown');
    expect(reasons).toEqual([expect.stringContaining('empty')]);
  });

  it('is unknown for a history that was cut, and counts what came before', () => {
    const coverage = covered(whole.slice(0, -30), 'edges=0');
    expect(coverage.verdict).toBe('unknown');
    expect(coverage.reasons).toEqual([expect.stringContaining('cut')]);
    expect(coverage.rows).toContainEqual(expect.objectContaining({ kind: 'edges', seen: 1 }));
  });

  it('is unknown when a source is lacking, or a file is none', () => {
    const deaf = covered(linesOf(historyOf(stockReserved(), ['client', 'websocket', 'kafka'])));
    expect(deaf.reasons).toEqual([expect.stringContaining('the source spans is absent')]);
    expect(covered('nonsense\n').verdict).toBe('unknown');
  });

  it('is unknown when nothing crossed', () => {
    expect(covered(linesOf(historyOf([]))).reasons).toEqual(['nothing crossed the wire']);
  });
});

describe('answers over gRPC', () => {
  const whole = linesOf(historyOf(stockReserved()));
  const order = { consumer: 'api-gateway', provider: 'order', protocol: 'grpc' };

  it('are not observed without a wire log, which is unknown when fields are asked for', () => {
    const { verdict, reasons, unobserved } = covered(whole, 'fields=0');
    expect(verdict).toBe('unknown');
    expect(reasons).toEqual([expect.stringMatching(/^order: .*contracts verify/)]);
    expect(unobserved.map(({ name }) => name)).toEqual(['answer.order.orderId', 'request.orderId']);
  });

  it('are seen by the wire log of a verification', () => {
    const crossed = new Ledger();
    crossed.field(order, 'OrderService/GetOrder', 'answer.order.orderId');
    crossed.field(order, 'OrderService/GetOrder', 'answer.order.revision');
    writeWireLog(join(folder, 'wire'), 'order', crossed);
    const { verdict, unobserved, seenNotContracted } = covered(whole, 'fields=0');
    expect(verdict).toBe('valid');
    expect(unobserved.map(({ name }) => name)).toEqual(['request.orderId']);
    expect(seenNotContracted.map(({ name }) => name)).toContain('answer.order.revision');
  });

  it('are unknown when the wire log was cut', () => {
    const crossed = new Ledger();
    crossed.field(order, 'OrderService/GetOrder', 'answer.order.orderId');
    const path = writeWireLog(join(folder, 'wire'), 'order', crossed);
    writeFileSync(path, '{"type":"wire-started","schemaVersion":1,"provider":"order","atMs":1}\n');
    expect(covered(whole).reasons).toEqual([expect.stringContaining('is no wire log, or was cut')]);
  });
});

describe('what is printed', () => {
  it('is of the schema', () => {
    const printed = coverageJson(covered(linesOf(historyOf(stockReserved())), 'edges=50'));
    expect(CoverageSchema.parse(JSON.parse(JSON.stringify(printed)))).toEqual(printed);
  });

  it('has its schema in docs/reference, fresh', () => {
    expect(readFileSync(COVERAGE_SCHEMA_PATH, 'utf8')).toBe(coverageJsonSchema());
  });

  it('rounds down, so that what lacks something is not shown as whole', () => {
    const text = renderCoverage({
      ...covered(linesOf(historyOf(stockReserved()))),
      rows: [
        {
          ...{ kind: 'fields', seen: 3000, seenContracted: 2999, contracted: 1 },
          ...{ contractedSeen: 1, unread: 0, unobserved: 0 },
        },
      ],
    });
    expect(text).toContain('99.9 %');
  });
});

describe('a minimum', () => {
  it('is read', () => {
    expect(parseMinimum('edges=100, fields=95')).toEqual({ edges: 100, fields: 95 });
  });

  it.each(['edges', 'edges=', 'edges=101', 'lines=3', 'edges=1,'])('is refused: %s', (text) => {
    expect(() => parseMinimum(text)).toThrow('with percentages from 0 to 100');
  });
});
