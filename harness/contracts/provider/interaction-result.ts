import { z } from 'zod';

/** How one interaction of a contract ended at a running provider. */
export const InteractionResultSchema = z.object({
  consumer: z.string(),
  provider: z.string(),
  description: z.string(),
  outcome: z.enum(['passed', 'failed', 'unknown']).describe('`unknown`: it could not be asked.'),
  durationMs: z.int().min(0),
  mismatches: z
    .array(z.string())
    .readonly()
    .describe('What was promised and not kept, or why it could not be asked.'),
});

export type InteractionResult = Readonly<z.infer<typeof InteractionResultSchema>>;
