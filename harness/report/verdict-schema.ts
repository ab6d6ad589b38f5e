/** Schema of verdict.json and of `--json`: a public interface. */
import { z } from 'zod';
import { FAULT_KINDS } from '../checker/exposure/fault-kinds.ts';
import { ALL_SOURCES } from '../history/sources.ts';
import { packageAsset } from '../kernel/package-assets.ts';

export const VERDICT_SCHEMA_PATH = packageAsset('docs/reference/verdict.schema.json');

const Verdict = z.enum(['valid', 'invalid', 'unknown']);

const Violation = z.object({
  message: z.string().describe('The observed behaviour.'),
  witness: z
    .array(z.int().min(0))
    .describe('Indexes of the events that prove it: lines of history.jsonl, from 0.'),
});

const Invariant = z.object({
  name: z.string(),
  promise: z.string().describe('What it promises, as a sentence.'),
  verdict: Verdict,
  looked: z.int().min(0).describe('Number of facts that were checked.'),
  found: z.int().min(1).optional().describe('Total number of violations.'),
  witness: z.array(Violation).max(10).optional().describe('The first violations.'),
  reason: z.string().optional().describe('Why the result is unknown.'),
});

const Scenario = z.object({
  name: z.string(),
  outcome: z
    .enum(['passed', 'failed', 'partial', 'inconclusive', 'unfinished'])
    .describe('`inconclusive`: a fault did not land, so the scenario proves nothing.'),
  message: z.string().optional(),
  durationMs: z.int().min(0).optional(),
});

const Source = z.object({
  name: z.enum(ALL_SOURCES),
  events: z.int().min(0),
  state: z.enum(['complete', 'incomplete', 'absent']),
  reason: z.string().optional(),
});

const Subject = z.object({
  service: z.string(),
  version: z.string(),
  language: z.string().optional(),
  manifest: z.string().optional().describe('The path of its manifest.'),
});

const Exposure = z.object({
  service: z.string(),
  instances: z.int().min(1),
  faults: z
    .array(
      z.object({
        fault: z.enum(FAULT_KINDS),
        link: z.string().optional().describe('<service>→<dependency>'),
        landed: z.int().min(0),
        withWork: z.int().min(0).describe('How often the service had work then.'),
      }),
    )
    .describe('Every cell that the service has, also those that are 0.'),
  judged: z
    .array(z.string())
    .describe('Promises about the service that had evidence while a fault acted on it.'),
  notJudged: z
    .array(z.string())
    .describe('Promises about the service that nothing looked at while a fault acted on it.'),
});

/** What {@link RunVerdict} is as JSON. */
export const VerdictSchema = z.object({
  verdict: Verdict.describe('Exit code 0, 1 or 2.'),
  seed: z.string(),
  commit: z.string(),
  run: z.string(),
  durationMs: z.int().min(0),
  scenarios: z.array(Scenario),
  invariants: z.array(Invariant),
  sources: z.array(Source),
  subjects: z.array(Subject).describe('Implementations under test; none: the reference services.'),
  exposure: z.array(Exposure).describe('What each service was exposed to, and what was judged.'),
  reasons: z.array(z.string()).describe('Further reasons why the run is not valid.'),
});

/** The JSON schema of {@link VerdictSchema}, as docs/reference has it. A test holds
 * real verdicts to it.
 */
export function verdictJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(VerdictSchema, { target: 'draft-2020-12' }),
    title: 'verdict.json',
    description: 'What sagaproof verify, scenario and check say of a run, with --json too.',
  };
}
