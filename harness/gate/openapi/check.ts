import { type Comparison, concerns } from '../comparison.ts';
import type { DocumentConfig } from '../config.ts';
import { GateError } from '../error.ts';
import type { Finding } from '../finding.ts';
import { SchemaDocument } from '../json-schema/document.ts';
import { HttpComparison } from './operations.ts';
import type { HttpProblem } from './problem.ts';

/** OpenAPI: the server must accept requests of old clients, which must accept new responses. */
export async function checkOpenapi(comparison: Comparison): Promise<Finding[]> {
  return comparison.config.openapi.flatMap((config) => checkDocument(comparison, config));
}

function checkDocument(comparison: Comparison, config: DocumentConfig): Finding[] {
  const { base, head } = comparison;
  const { file, provider } = config;
  const [old, now] = [base.tree.read(file), head.read(file)];
  if (old === undefined || old === now || !concerns(base, [provider])) return [];
  const before = documentOf(old, `${file} (before)`);
  if (now === undefined) {
    const what = 'its document is gone';
    const fix = `restore ${file}, or remove it from contracts/gate.yaml once it is unused`;
    const gone = { rule: 'document-removed', subject: file, what, fix, path: [], certain: true };
    return [finding(comparison, config, undefined, gone)];
  }
  const after = documentOf(now, file);
  const problems = new HttpComparison(before, after).problems();
  return problems.map((problem) => finding(comparison, config, after, problem));
}

/** Other major versions have other keywords, so the check would find nothing and answer yes. */
function documentOf(text: string, file: string): SchemaDocument {
  const document = new SchemaDocument(text, file);
  const { swagger, openapi } = document.root;
  const version = swagger ?? openapi;
  if (version === undefined || String(version).startsWith('3.')) return document;
  throw new GateError(`${file} is OpenAPI ${version}, and the gate reads OpenAPI 3`, {
    file,
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
