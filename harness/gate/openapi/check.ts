import { type Comparison, concerns } from '../comparison.ts';
import type { DocumentConfig } from '../config.ts';
import { GateError } from '../error.ts';
import type { Finding } from '../finding.ts';
import type { SchemaDocument } from '../json-schema/document.ts';
import { documentPair } from '../json-schema/document-pair.ts';
import { readable } from '../readable.ts';
import { HttpComparison } from './operations.ts';
import type { HttpProblem } from './problem.ts';

/** OpenAPI: the server must accept requests of old clients, which must accept new responses. */
export async function checkOpenapi(comparison: Comparison): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const config of comparison.config.openapi) {
    const part = { format: 'openapi', file: config.file } as const;
    findings.push(...(await readable(comparison, part, () => checkDocument(comparison, config))));
  }
  return findings;
}

function checkDocument(comparison: Comparison, config: DocumentConfig): Finding[] {
  const { base } = comparison;
  const { file, provider } = config;
  const pair = documentPair(comparison, file);
  if (pair === undefined || !concerns(base, [provider])) return [];
  if (pair.after === undefined) {
    const what = 'its document is gone';
    const fix = `restore ${file}, or remove it from gate.yaml once it is unused`;
    const gone = { rule: 'document-removed', subject: file, what, fix, path: [], certain: true };
    return [finding(comparison, config, undefined, gone)];
  }
  const [before, after] = [pair.before, pair.after].map(ofVersion3);
  if (before === undefined || after === undefined) return [];
  const problems = new HttpComparison(before, after).problems();
  return problems.map((problem) => finding(comparison, config, after, problem));
}

/** Other major versions have other keywords, so the check would find nothing and answer yes. */
function ofVersion3(document: SchemaDocument): SchemaDocument {
  const { swagger, openapi } = document.root;
  const version = swagger ?? openapi;
  if (version === undefined || String(version).startsWith('3.')) return document;
  throw new GateError(`${document.file} is OpenAPI ${version}, and the gate reads OpenAPI 3`, {
    file: document.path,
    fix: 'convert it: npx swagger2openapi',
  });
}

function finding(
  { head }: Comparison,
  { file, provider, clients }: DocumentConfig,
  after: SchemaDocument | undefined,
  { rule, subject, what, fix, path, certain }: HttpProblem,
): Finding {
  return {
    format: 'openapi',
    subject,
    rule: `openapi/${rule}`,
    file,
    line: after?.lineOf(path) ?? 1,
    causes: [provider],
    breaks: clients,
    fails: `cannot use ${subject} of ${head.label}`,
    what,
    fix,
    certainty: certain ? 'breaks' : 'unknown',
  };
}
