import { z } from 'zod';
import { SERVICES } from '../kernel/address-book.ts';

/** The result of one conformance check of a service. */
export const ConformanceResultSchema = z.object({
  service: z.enum(SERVICES),
  rpc: z.string().describe('The method or operation; `*` when it is about the service as a whole.'),
  check: z.string(),
  outcome: z
    .enum(['passed', 'failed', 'skipped'])
    .describe('`skipped`: the check could not run, so it says nothing about the service.'),
  seen: z
    .string()
    .optional()
    .describe('What was observed instead; for HTTP with the command that repeats the request.'),
  expected: z.string(),
});

export type ConformanceResult = Readonly<z.infer<typeof ConformanceResultSchema>>;

/** Makes a result: passed when there is nothing to report in `seen`. */
export function resultOf({
  seen,
  skipped,
  ...about
}: Pick<ConformanceResult, 'service' | 'rpc' | 'check' | 'expected'> & {
  readonly seen: string | undefined;
  /** The check could not run, and `seen` says why. */
  readonly skipped?: true;
}): ConformanceResult {
  if (seen === undefined) return { ...about, outcome: 'passed' };
  return { ...about, outcome: skipped ? 'skipped' : 'failed', seen };
}
