import { describe, expect, it } from 'vitest';
import { type DomainException, domainNames, newDomainNames } from './domain-names.ts';
import { sourceFiles } from './source-files.ts';

const file = (text: string, path = 'harness/report/a.ts') => ({ path, text });

describe('the rule about names of the domain', () => {
  it.each([
    ["const LANE = 'inventory';", 'inventory'],
    ["type Saga = 'PLACE_ORDER';", 'PLACE_ORDER'],
    ["if (type === 'StockReserved') return;", 'StockReserved'],
    ['const CAUSES = { SagaStepCompleted: [] };', 'SagaStepCompleted'],
    ["step === 'CAPTURE_PAYMENT'", 'CAPTURE_PAYMENT'],
  ])('refuses %j', (line, name) => {
    expect(domainNames(file(line))).toEqual([`harness/report/a.ts:1: ${name}`]);
  });

  it.each([
    ['a comment', '// StockReserved comes first.', undefined],
    ['a word of the language', 'const order = payment;', undefined],
    ['a test', "const x = 'inventory';", 'harness/report/a.unit.test.ts'],
    ['a provider state', "const x = 'inventory';", 'harness/contracts/provider/states/a.ts'],
    ['a source of a history', "needs: ['websocket']", 'harness/invariants/a.ts'],
    ['a domain invariant', "  domain: true,\n  x: 'StockReserved',", 'harness/invariants/a.ts'],
  ])('accepts %s', (_, text, path) => {
    expect(domainNames(file(text, path))).toEqual([]);
  });

  it('refuses an invariant that does not say that it is about the domain', () => {
    expect(domainNames(file("x: 'StockReserved'", 'harness/invariants/a.ts'))).toHaveLength(1);
  });

  it('allows a listed file its number of names, and no more', () => {
    const two = [file("['order', 'query']")];
    const listed = (names: number) => ({ 'harness/report/a.ts': { names, why: 'a test' } });
    expect(newDomainNames(two, listed(2))).toEqual([]);
    expect(newDomainNames(two, listed(1))).toHaveLength(2);
    expect(newDomainNames([file("['order', 'query']", 'harness/kernel/a.ts')], listed(2))).toEqual(
      [],
    );
    expect(newDomainNames([file('')], listed(1))).toEqual([
      'harness/report/a.ts: names nothing of the domain; remove its exception',
    ]);
  });
});

const READS_SAGAS_LATER = 'does not read contracts/sagas.yaml yet, or lacks `domain: true`';
const DSL = 'the scenario DSL has a client for each service of this domain';
const STORAGE = 'reads tables, keys or answers of services of this domain';

/** Files that name the domain all the same. The list only shrinks. */
const EXCEPTIONS: Readonly<Record<string, DomainException>> = {
  'harness/checker/scope.ts': { names: 12, why: READS_SAGAS_LATER },
  'harness/dev/test.ts': { names: 2, why: 'services with an implementation in another language' },
  'harness/invariants/exactly-once-notification.ts': { names: 5, why: READS_SAGAS_LATER },
  'harness/invariants/no-leaked-job.ts': { names: 6, why: READS_SAGAS_LATER },
  'harness/scenario/user.ts': { names: 1, why: DSL },
  'harness/scenario/world.ts': { names: 8, why: DSL },
  'harness/witnesses/end-states-mongodb.ts': { names: 1, why: STORAGE },
  'harness/witnesses/end-states-postgres.ts': { names: 4, why: STORAGE },
  'harness/witnesses/end-states-redis.ts': { names: 1, why: STORAGE },
  'harness/witnesses/end-states-services.ts': { names: 14, why: STORAGE },
};

describe('the harness', () => {
  it('names nothing of the domain (else read it from contracts/, or list the file and why)', () => {
    expect(newDomainNames(sourceFiles(), EXCEPTIONS)).toEqual([]);
  });
});
