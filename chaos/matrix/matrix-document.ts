/** `matrix.json` and `matrix --json`: a public interface. */
import { z } from 'zod';
import { FAULTS, OUTCOMES } from './cell.ts';

const Violation = z.strictObject({
  invariant: z.string(),
  message: z.string().describe('The observed behaviour.'),
  witness: z
    .array(z.int().min(0))
    .describe('Indexes of the events that prove it: lines of history.jsonl, from 0.'),
});

const CellDocument = z.strictObject({
  id: z.string().describe('`<saga>/<step>/<service>/<boundary>/<fault>`.'),
  saga: z.string(),
  step: z.string().describe('A step, its undoing (`undo-…`), or STARTED, ENDED, ENDED-failed.'),
  service: z.string().describe('The service that the fault hits.'),
  boundary: z.string(),
  fault: z.enum(FAULTS),
  second: z.string().optional().describe('A second fault, during the recovery from the first.'),
  link: z.string().optional().describe('The link that the fault takes away or slows down.'),
  variant: z.string().describe('How the order goes without a fault.'),
  outcome: z.enum(OUTCOMES),
  reason: z.string().optional().describe('Why it did not pass.'),
  landed: z
    .strictObject({ operation: z.string(), atMs: z.number() })
    .optional()
    .describe('The operation that the fault hit, and when. Absent: it hit nothing.'),
  twin: z.enum([...OUTCOMES, 'not-played']).describe('The same order without a fault.'),
  violations: z.array(Violation).describe('What invariants found about its orders.'),
  scenario: z.string().describe('Marks its operations in the history.'),
  durationMs: z.int().min(0),
});

export const MatrixSchema = z.strictObject({
  verdict: z.enum(['valid', 'invalid', 'unknown']).describe('Exit code 0, 1 or 2.'),
  seed: z.string(),
  run: z.string(),
  commit: z.string(),
  durationMs: z.int().min(0),
  tally: z.strictObject({
    PASS: z.int().min(0),
    FAIL: z.int().min(0),
    INCONCLUSIVE: z.int().min(0),
  }),
  cells: z.array(CellDocument).describe('Failed ones first, then inconclusive ones.'),
  twins: z.array(
    z.strictObject({
      variant: z.string(),
      outcome: z.enum(OUTCOMES),
      reason: z.string().optional(),
      violations: z.array(Violation),
    }),
  ),
  otherViolations: z.array(Violation).describe('Violations that name no order of a cell.'),
  sometimes: z
    .array(z.strictObject({ name: z.string(), seen: z.int().min(0) }))
    .describe('What has to have happened in some cell; never seen makes the matrix unknown.'),
  coverage: z
    .array(
      z.strictObject({
        link: z.string(),
        operation: z.string(),
        faults: z.array(z.string()).describe('Faults that hit it.'),
        landed: z.int().min(0),
        missed: z.int().min(0).describe('Cells whose fault never met it.'),
      }),
    )
    .describe('By operation of the contracts: how often a fault hit it.'),
  reasons: z.array(z.string()).describe('Further reasons why the run is not valid.'),
});

export type MatrixDocument = z.infer<typeof MatrixSchema>;
export type CellDocument = z.infer<typeof CellDocument>;
