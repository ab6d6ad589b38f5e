import { VERSION } from '../../kernel/version.ts';
import type { Answer } from './answer.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** The answer as SARIF 2.1.0, which code hosts show next to the changed line. */
export function toSarif({ findings, sentence, answer }: Answer): string {
  const rules = [...new Map(findings.map((it) => [it.rule, it.fix]))].map(([id, fix]) => ({
    id,
    help: { text: fix },
  }));
  const results = findings.map((finding) => ({
    ruleId: finding.rule,
    level: finding.certainty === 'breaks' ? 'error' : 'warning',
    message: {
      text: `${finding.breaks.join(', ')} ${finding.fails}: ${finding.what}. Fix: ${finding.fix}`,
    },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: finding.file },
          region: { startLine: finding.line },
        },
      },
    ],
  }));
  const driver = { name: 'sagaproof gate', version: VERSION, rules };
  const run = { tool: { driver }, results, properties: { sentence, answer } };
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2)}\n`;
}
