import { z } from 'zod';

/** Fields that every event has; the history adds them. */
const base = {
  index: z
    .int()
    .min(0)
    .describe(
      "Position in the recorder's order, 0 for the first, without a gap: a cut file is detected.",
    ),
  atMs: z
    .number()
    .describe("Milliseconds since the Unix epoch, by the recorder's clock, when it saw the event."),
};

/**
 * The schema of one kind of event: its `type`, the common fields and its own.
 *
 * @param type several where kinds differ in nothing but their name
 */
export const eventKind = <const T extends string, S extends z.ZodRawShape>(
  type: T | readonly T[],
  shape: S,
) => z.object({ ...base, type: z.literal(type as T[]) as z.ZodLiteral<T>, ...shape }).readonly();

/** An object whose names are not known in advance. */
export const anyRecord = z.record(z.string(), z.unknown()).readonly();

export const numberRecord = z.record(z.string(), z.number()).readonly();

export const textRecord = z.record(z.string(), z.string()).readonly();

/** Attributes of a span or of an operation. */
export const attributes = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .readonly();

export const decimal = z.string().describe('A decimal number of any length.');
export const duration = z.number().min(0);
export const count = z.int().min(0);
