/** `hunt.json` and `hunt --json`: a public interface. */
import { z } from 'zod';
import { OUTCOMES } from './cell.ts';

const Schedule = z.strictObject({
  id: z.string().describe('Ids of its faults, with ` & ` in between.'),
  faults: z.int().min(1),
  outcome: z.enum(OUTCOMES),
  reason: z.string().optional().describe('Why it did not pass.'),
  landed: z.array(z.string()).describe('Kinds of the faults that hit something.'),
  durationMs: z.int().min(0),
});

export const HuntSchema = z.strictObject({
  verdict: z.enum(['valid', 'invalid', 'unknown']).describe('Exit code 0, 1 or 2.'),
  seed: z.string(),
  run: z.string(),
  commit: z.string(),
  played: z.int().min(0),
  met: z.int().min(0).describe('Schedules of which at least one fault hit something.'),
  schedules: z.array(Schedule).describe('Those that failed first.'),
  shrunk: z
    .array(
      z.strictObject({
        from: z.string().describe('The schedule that failed.'),
        id: z.string().describe('The fewest of its faults that were seen to fail.'),
        faults: z.int().min(1),
        plays: z.int().min(0).describe('How many parts were played.'),
        run: z.string().describe('The run in which it failed.'),
      }),
    )
    .describe('Failed schedules, reduced.'),
  reasons: z.array(z.string()).describe('Further reasons why the run is not valid.'),
});

export type HuntDocument = z.infer<typeof HuntSchema>;

/** `replay --json`: a public interface. */
export const ReplaySchema = z.strictObject({
  run: z.string().describe('The run that was hunted in.'),
  schedules: z.array(
    z.strictObject({
      id: z.string(),
      plays: z.int().min(1),
      failed: z.int().min(0).describe('How often it failed again.'),
      inconclusive: z.int().min(0),
      runs: z.array(z.string()),
    }),
  ),
});

export type ReplayDocument = z.infer<typeof ReplaySchema>;
