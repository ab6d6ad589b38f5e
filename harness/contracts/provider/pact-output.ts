import { z } from 'zod';

const Mismatch = z.looseObject({
  path: z.string().optional(),
  key: z.string().optional(),
  mismatch: z.string().optional(),
});

const Failure = z.union([
  z.looseObject({ mismatches: z.array(Mismatch).min(1) }),
  z.looseObject({ message: z.string() }),
]);

/** One sentence for each mismatch, with its path. */
function sentencesOf(failure: unknown): string[] {
  const parsed = Failure.safeParse(failure);
  if (!parsed.success) return [JSON.stringify(failure)];
  if (!('mismatches' in parsed.data)) return [String(parsed.data.message)];
  return (parsed.data.mismatches as ReadonlyArray<z.infer<typeof Mismatch>>).map((one) => {
    const where = one.path ?? one.key;
    const what = one.mismatch ?? JSON.stringify(one);
    return where === undefined || where === '' ? what : `${where}: ${what}`;
  });
}

const Output = z.looseObject({
  result: z.boolean(),
  errors: z.array(z.looseObject({ mismatch: z.unknown() })).default([]),
});

/** What Pact's verifier found, in sentences; empty only when it says that it found nothing. */
export function mismatchesOf(output: string): string[] {
  const parsed = Output.safeParse(jsonOrUndefined(output));
  if (!parsed.success) return [output];
  const { result, errors } = parsed.data;
  if (result && errors.length === 0) return [];
  return errors.flatMap(({ mismatch }) => sentencesOf(mismatch));
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
