import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageAsset } from '../../kernel/package-assets.ts';
import type { Finding } from '../finding.ts';
import {
  ANSWER_SCHEMA_FILE,
  AnswerSchema,
  answerJson,
  answerJsonSchema,
  answerOf,
} from './answer.ts';
import { toJunit } from './junit.ts';
import { renderTable } from './render-table.ts';
import { toSarif } from './sarif.ts';

const asked = { what: 'order 1.4.0', where: 'to prod', compared: ['inventory 1.2.1'] };
const finding = (more: Partial<Finding> = {}): Finding => ({
  format: 'avro',
  subject: 'inventory.commands-value',
  rule: 'avro/field-required',
  file: 'avro/inventory.commands.avsc',
  line: 69,
  causes: ['order'],
  breaks: ['inventory 1.2.1'],
  fails: 'cannot read inventory.commands',
  what: 'field "sku" became required',
  fix: 'give "sku" a default',
  certainty: 'breaks',
  ...more,
});

describe('the answer', () => {
  it('says no in one sentence: who, what, why', () => {
    const { answer, sentence } = answerOf(asked, [finding()]);
    expect(answer).toBe('no');
    expect(sentence).toBe(
      'can deploy order 1.4.0 to prod: no, inventory 1.2.1 cannot read inventory.commands (field "sku" became required)',
    );
  });

  it('says yes when nothing was found', () => {
    expect(answerOf(asked, [])).toMatchObject({ answer: 'yes', findings: [] });
  });

  it('says unknown and how to find out when nothing breaks for certain', () => {
    const doubt = finding({ certainty: 'unknown', fix: 'run the contract tests' });
    const { answer, sentence } = answerOf(asked, [doubt]);
    expect(answer).toBe('unknown');
    expect(sentence).toContain('run the contract tests');
    expect(answerOf(asked, [doubt, finding({ what: 'other' })]).answer).toBe('no');
  });

  it('reports one break of several deployments once, with all of their names', () => {
    const { findings } = answerOf(asked, [finding(), finding({ breaks: ['audit 2.0.0'] })]);
    expect(findings.map(({ breaks }) => breaks)).toEqual([['inventory 1.2.1', 'audit 2.0.0']]);
  });

  it('matches its JSON schema', () => {
    const json = answerJson(answerOf(asked, [finding()]));
    expect(AnswerSchema.parse(JSON.parse(JSON.stringify(json)))).toEqual(json);
    expect(json.findings).toEqual([
      {
        format: 'avro',
        subject: 'inventory.commands-value',
        rule: 'avro/field-required',
        file: 'avro/inventory.commands.avsc',
        line: 69,
        breaks: ['inventory 1.2.1'],
        fix: 'give "sku" a default',
      },
    ]);
  });

  it('has a reference page that is fresh (pnpm generate)', () => {
    const page = readFileSync(packageAsset(ANSWER_SCHEMA_FILE), 'utf8');
    expect(page).toBe(answerJsonSchema());
  });

  it('is one table with rule, location and fix', () => {
    const text = renderTable(answerOf(asked, [finding()]), 140);
    for (const part of ['avro/field-required', 'avro/inventory.commands.avsc:69', 'default']) {
      expect(text).toContain(part);
    }
    expect(renderTable(answerOf(asked, []), 140)).toBe(answerOf(asked, []).sentence);
  });

  it('is escaped JUnit with one failure per break and one error per unknown', () => {
    const doubt = finding({ format: 'pact', certainty: 'unknown', what: '<&>' });
    const xml = toJunit(answerOf(asked, [finding(), doubt]));
    expect(xml).toContain('failures="1" errors="1"');
    expect(xml).toContain('&lt;&amp;&gt;');
    expect(xml).not.toContain('"sku"');
  });

  it('is SARIF with one location per result', () => {
    const { runs } = JSON.parse(toSarif(answerOf(asked, [finding()])));
    expect(runs[0].results[0]).toMatchObject({
      ruleId: 'avro/field-required',
      level: 'error',
      locations: [{ physicalLocation: { region: { startLine: 69 } } }],
    });
    expect(runs[0].tool.driver.rules).toHaveLength(1);
  });
});
