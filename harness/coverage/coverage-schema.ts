import { z } from 'zod';
import { packageAsset } from '../kernel/package-assets.ts';
import type { Coverage } from './cover.ts';
import { KINDS } from './item.ts';
import { assertedPercent, occurredPercent } from './thresholds.ts';

/** What `contracts coverage --json` prints: the shape that other programs may rely on. */
export const COVERAGE_SCHEMA_PATH = packageAsset('docs/reference/coverage.schema.json');

const Count = z.int().min(0);
const Percent = z.number().min(0).max(100).nullable();

const Item = z.object({
  kind: z.enum(KINDS),
  consumer: z.string(),
  provider: z.string(),
  protocol: z.string(),
  operation: z.string().optional(),
  name: z.string().optional().describe('The path of a field, or the code of an error.'),
});
const Gap = Item.extend({ note: z.string() });

export const CoverageSchema = z.object({
  verdict: z.enum(['valid', 'invalid', 'unknown']).describe('Exit code 0, 1 or 2.'),
  rows: z.array(
    z.object({
      kind: z.enum(KINDS),
      seen: Count.describe('Crossed the wire, but for what no consumer reads.'),
      seenContracted: Count.describe('Of those, how many a contract of the edge has.'),
      assertedPercent: Percent.describe('Null when nothing was seen.'),
      contracted: Count.describe('In a contract or a document, and observable.'),
      contractedSeen: Count.describe('Of those, how many crossed the wire.'),
      occurredPercent: Percent.describe('Null when nothing is contracted.'),
      unread: Count.describe('Seen, in no contract, and proven to be read by no consumer.'),
      unobserved: Count.describe('Contracted, and no source could show it: not counted.'),
    }),
  ),
  seenNotContracted: z.array(Gap),
  contractedNeverSeen: z.array(Gap),
  unread: z.array(Item),
  unobserved: z.array(Gap).describe('Contracted, and no source could show it; the note says why.'),
  outside: z.array(Item).describe('What the harness did as an operator: of no edge.'),
  thresholds: z.array(
    z.object({
      kind: z.enum(KINDS),
      direction: z.enum(['asserted', 'occurred']),
      minimum: z.number().min(0).max(100),
      percent: Percent,
      met: z.boolean(),
    }),
  ),
  reasons: z.array(z.string()).describe('Why the whole is unknown.'),
  sources: z.array(z.object({ kind: z.enum(['history', 'wire', 'pact']), path: z.string() })),
});

/** A coverage as it is printed. */
export const coverageJson = ({ rows, ...rest }: Coverage): z.infer<typeof CoverageSchema> =>
  CoverageSchema.parse({
    ...rest,
    rows: rows.map((row) => ({
      ...row,
      assertedPercent: assertedPercent(row),
      occurredPercent: occurredPercent(row),
    })),
  });

export function coverageJsonSchema(): string {
  const schema = {
    ...z.toJSONSchema(CoverageSchema, { target: 'draft-2020-12' }),
    title: 'contract coverage',
    description: 'What sagaproof contracts coverage --json says.',
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
