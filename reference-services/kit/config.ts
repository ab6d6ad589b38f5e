import { z } from 'zod';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A TCP port; 0 lets the system choose. */
export const portVar = z.coerce.number().int().min(0).max(65_535);

/** An absolute address with a scheme. */
export const urlVar = z.url();

/** `host:port`. */
export const hostPortVar = z
  .string()
  .regex(/^[A-Za-z0-9.:[\]_-]+:\d{1,5}$/, 'must be host:port, such as 127.0.0.1:9092');

/** A duration in whole milliseconds. */
export const durationMsVar = (defaultMs: number): z.ZodType<number, unknown> =>
  z.coerce.number().int().min(1).max(86_400_000).default(defaultMs);

/** What every service reads, whatever else it needs. */
export const common = z.object({
  SERVICE_NAME: z.string().regex(/^[a-z][a-z0-9-]*$/),
  SERVICE_INSTANCE: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  ADMIN_PORT: portVar,
  /** Loopback by default: a container or a pod sets 0.0.0.0. */
  LISTEN_HOST: z.string().min(1).default('127.0.0.1'),
  /** Where spans go; absent means that none are recorded. */
  OTLP_URL: urlVar.optional(),
});
export type CommonConfig = z.infer<typeof common>;

/** Names every variable that is missing or wrong. Matched on `code`. */
export class ConfigError extends Error {
  readonly code = 'config-invalid';
}

/**
 * Reads a service's environment.
 *
 * @throws ConfigError that names every culprit at once, and never a value: it may be a secret
 */
export function readConfig<S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv): z.infer<S> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const culprits = parsed.error.issues.map((issue) => {
    const name = issue.path.join('.');
    return `  ${name}: ${env[name] === undefined ? 'is not set' : issue.message}`;
  });
  throw new ConfigError(
    `The environment is not complete; set these in the service's manifest:\n${culprits.join('\n')}`,
  );
}
