import { z } from 'zod';
import { SERVICES } from '../kernel/address-book.ts';

/** What became of one thing that a service promises, whoever wrote it. */
export const ConformanceResultSchema = z.object({
  service: z.enum(SERVICES),
  rpc: z.string().describe('The method or operation; `*` when it is about the service as a whole.'),
  check: z.string(),
  outcome: z
    .enum(['passed', 'failed', 'unknown'])
    .describe('`unknown`: it could not be looked at, so nothing was learned of the service.'),
  seen: z
    .string()
    .optional()
    .describe('What came instead; for HTTP with the command that repeats it.'),
  promised: z.string(),
});

export type ConformanceResult = Readonly<z.infer<typeof ConformanceResultSchema>>;

/** What was promised, and what came instead: nothing else when the promise was kept. */
export function resultOf({
  seen,
  unknown,
  ...about
}: Pick<ConformanceResult, 'service' | 'rpc' | 'check' | 'promised'> & {
  readonly seen: string | undefined;
  /** It could not be looked at, and `seen` says why. */
  readonly unknown?: true;
}): ConformanceResult {
  if (seen === undefined) return { ...about, outcome: 'passed' };
  return { ...about, outcome: unknown ? 'unknown' : 'failed', seen };
}
