import type { z } from 'zod';
import { OperationalError } from './errors.ts';
import { controlCharacterAt } from './text.ts';

/**
 * Checks a request against what its proto promises.
 *
 * @throws OperationalError invalid-request that names every field that is wrong, and never a value
 */
export function parseRequest<S extends z.ZodType>(schema: S, request: unknown): z.infer<S> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const flaws = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new OperationalError('invalid-request', { detail: flaws.join('; ') });
}

/** @throws OperationalError invalid-request that names the field, and never its value */
export function requirePlainText(request: unknown): void {
  const flaw = controlCharacterAt(request);
  if (flaw === undefined) return;
  throw new OperationalError('invalid-request', { detail: `${flaw}: has a control character` });
}
