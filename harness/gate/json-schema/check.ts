import { type Comparison, concerns } from '../comparison.ts';
import type { JsonSchemas } from '../config.ts';
import type { Finding } from '../finding.ts';
import { readable } from '../readable.ts';
import { documentPair } from './document-pair.ts';
import { incompatibilities } from './incompatibilities.ts';
import type { Incompatibility } from './incompatibility.ts';

const ENDINGS = ['.json', '.yaml', '.yml'];

/** JSON Schema files, each under the mode of its folder, as a registry would compare them. */
export async function checkJsonSchemas(comparison: Comparison): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const source of comparison.config.jsonSchema) {
    for (const file of filesOf(comparison, source)) {
      const part = { format: 'json-schema', file } as const;
      const check = (): Finding[] => checkFile(comparison, file, source.mode);
      findings.push(...(await readable(comparison, part, check)));
    }
  }
  return findings;
}

function filesOf({ base, head }: Comparison, { path }: JsonSchemas): string[] {
  const files = [base.tree, head].flatMap((tree) =>
    ENDINGS.some((ending) => path.endsWith(ending))
      ? [path].filter((file) => tree.read(file) !== undefined)
      : ENDINGS.flatMap((ending) => tree.list(path, ending)),
  );
  return [...new Set(files)].sort();
}

function checkFile(comparison: Comparison, file: string, mode: JsonSchemas['mode']): Finding[] {
  const pair = documentPair(comparison, file);
  if (pair === undefined || !concerns(comparison.base, [])) return [];
  if (pair.after === undefined) return [finding(comparison, file, gone(), 'forward', 1)];
  const { before: was, after: is } = pair;
  const directions = (['backward', 'forward'] as const).filter(
    (direction) => mode.startsWith(direction.toUpperCase()) || mode.startsWith('FULL'),
  );
  return directions.flatMap((direction) => {
    const [receiver, sender] = direction === 'backward' ? [is, was] : [was, is];
    const found = incompatibilities(receiver.top, sender.top, { open: false }, 'the message');
    const newSide = direction === 'backward' ? 'receiver' : 'sender';
    return found.map((it) =>
      finding(comparison, file, it, direction, it.in === newSide ? is.lineOf(it.path) : 1),
    );
  });
}

const gone = (): Incompatibility => ({
  rule: 'schema-removed',
  what: 'the schema is gone',
  path: [],
  in: 'receiver',
  certain: true,
});

function finding(
  { base, head }: Comparison,
  file: string,
  { rule, what, certain }: Incompatibility,
  direction: 'backward' | 'forward',
  line: number,
): Finding {
  const isNewReader = direction === 'backward';
  return {
    format: 'json-schema',
    subject: file,
    rule: `json-schema/${rule}`,
    file,
    line,
    causes: [],
    breaks: [isNewReader ? `new readers of ${file}` : `readers of ${file}`],
    fails: isNewReader
      ? `cannot read what ${base.tree.label} wrote`
      : `cannot read what ${head.label} writes`,
    what,
    fix: isNewReader
      ? 'keep accepting old values: make the addition optional'
      : 'keep the documented shape: put the new one in a new property or version',
    certainty: certain ? 'breaks' : 'unknown',
  };
}
