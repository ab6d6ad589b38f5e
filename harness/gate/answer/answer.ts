import { z } from 'zod';
import { type Finding, FORMATS } from '../finding.ts';

const FindingSchema = z.strictObject({
  format: z.enum(FORMATS),
  subject: z
    .string()
    .describe('What changed: registry subject, RPC package, HTTP operation, topic'),
  rule: z.string().describe('<format>/<rule>; docs/gate.md lists them'),
  file: z.string().describe('From the root of the repository'),
  line: z.int().min(1),
  breaks: z.array(z.string()).describe('Who fails, with the version where it is known'),
  fix: z.string().describe('What to do instead'),
});

/** What `sagaproof gate --json` prints; docs/reference/gate.schema.json is generated from it. */
export const AnswerSchema = z.strictObject({
  answer: z.enum(['yes', 'no', 'unknown']),
  sentence: z.string(),
  compared: z.array(z.string()).describe('What it was compared with'),
  notes: z.array(z.string()).describe('Remarks that do not change the answer'),
  findings: z.array(FindingSchema),
});

/** The answer, with the details that sentences, tables and reports need. */
export interface Answer {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly sentence: string;
  /** What it was compared with. */
  readonly compared: readonly string[];
  /** Remarks that do not change the answer. */
  readonly notes: readonly string[];
  readonly findings: ReadonlyArray<Omit<Finding, 'causes'>>;
}

/** The answer as `--json` prints it: what the schema says, and nothing else. */
export const answerJson = ({
  answer,
  sentence,
  compared,
  notes,
  findings,
}: Answer): z.infer<typeof AnswerSchema> => ({
  answer,
  sentence,
  compared: [...compared],
  notes: [...notes],
  findings: findings.map(({ format, subject, rule, file, line, breaks, fix }) => ({
    format,
    subject,
    rule,
    file,
    line,
    breaks: [...breaks],
    fix,
  })),
});

/** The question, as the sentence repeats it. */
export interface Asked {
  /** `order 1.4.0`, or `the working tree`. */
  readonly what: string;
  /** `to prod`, or `next to main (4f2a91c)`. */
  readonly where: string;
  readonly compared: readonly string[];
  readonly notes?: readonly string[];
  /** Whether any contract differs; default: yes. */
  readonly hasChanged?: boolean;
}

/** Reduces findings to one answer: any break is a no; otherwise any unknown is unknown. */
export function answerOf(
  { what, where, compared, notes = [], hasChanged = true }: Asked,
  findings: readonly Finding[],
): Answer {
  const merged = mergeByReason(findings);
  const breaks = merged.filter(({ certainty }) => certainty === 'breaks');
  const doubts = merged.filter(({ certainty }) => certainty === 'unknown');
  const question = `can deploy ${what} ${where}`;
  const shown = [...breaks, ...doubts].map(({ causes: _, ...finding }) => finding);
  const rest = { compared: [...compared], notes: [...notes], findings: shown };
  const [first] = breaks;
  if (first !== undefined) {
    const more = breaks.length > 1 ? `; and ${breaks.length - 1} more` : '';
    const sentence = `${question}: no, ${clause(first)}${more}`;
    return { answer: 'no', sentence, ...rest };
  }
  const [doubt] = doubts;
  if (doubt !== undefined) {
    const sentence = `${question}: unknown, ${clause(doubt)}: ${doubt.fix}`;
    return { answer: 'unknown', sentence, ...rest };
  }
  const why = hasChanged ? 'nothing that runs breaks' : 'no contract has changed';
  const sentence = `${question}: yes, ${why}`;
  return { answer: 'yes', sentence, ...rest };
}

const clause = ({ breaks, fails, what }: Finding): string => `${listed(breaks)} ${fails} (${what})`;

function listed(names: readonly string[]): string {
  if (names.length <= 1) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** The same break of several deployments is one finding that names them all. */
function mergeByReason(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const key = [finding.rule, finding.subject, finding.fails, finding.what].join('\n');
    const known = merged.get(key);
    const breaks = [...new Set([...(known?.breaks ?? []), ...finding.breaks])];
    merged.set(key, { ...finding, breaks });
  }
  return [...merged.values()];
}

/** The JSON schema of the answer, as text. */
export const answerJsonSchema = (): string =>
  `${JSON.stringify({ title: 'Answer of sagaproof gate', ...z.toJSONSchema(AnswerSchema) }, null, 2)}\n`;

export const ANSWER_SCHEMA_FILE = 'docs/reference/gate.schema.json';
