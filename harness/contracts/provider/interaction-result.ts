import { z } from 'zod';

/** How one interaction of a contract ended at a running provider. */
export const InteractionResultSchema = z.object({
  consumer: z.string(),
  provider: z.string(),
  description: z.string(),
  outcome: z.enum(['passed', 'failed', 'skipped']).describe('`skipped`: it could not be verified.'),
  durationMs: z.int().min(0),
  mismatches: z
    .array(z.string())
    .readonly()
    .describe('What did not match, or why the interaction was skipped.'),
});

export type InteractionResult = Readonly<z.infer<typeof InteractionResultSchema>>;
