import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import {
  type FactFile,
  type FactSource,
  fixForName,
  parseFacts,
  readFactSource,
  refuseProblems,
} from './fact-file.ts';

const Limit = z
  .strictObject({
    value: z.int().min(1).describe('The last value that is allowed. Times are in milliseconds.'),
    what: z.string().describe('What is counted or measured, in which unit.'),
    otherwise: z.string().describe('What a client, caller or operator sees beyond it.'),
    setBy: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/, 'is not the name of an environment variable')
      .optional()
      .describe('Environment variable of the reference service that changes it.'),
    within: z.string().optional().describe('File that checks the last allowed value.'),
    beyond: z.string().optional().describe('File that checks what follows beyond it.'),
    unchecked: z.string().optional().describe('Why no file checks it from outside.'),
  })
  .describe('One limit.');

/** contracts/limits.yaml, as it is written: limits by service and name. */
export const LimitsSchema = z
  .record(
    z.string(),
    z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'is not a name in camelCase'), Limit),
  )
  .describe('Limits that an implementation of a service has to keep.');

/** One limit of a service, with what checks it. */
export type Limit = z.output<typeof Limit>;
/** Limits by service and name. */
export type Limits = z.output<typeof LimitsSchema>;
/** Their values by service and name. */
export type LimitValues = Readonly<Record<string, Readonly<Record<string, number>>>>;

export const LIMITS_PATH = fileURLToPath(new URL('../limits.yaml', import.meta.url));

/**
 * Parses the limits.
 *
 * @param services names of the services that may have limits
 * @throws FactFileError with the line, the problem and the fix of each: an unknown service, or a
 *   limit that names neither the checks of both its sides nor why there are none
 */
export function parseLimits(source: FactSource, services: readonly string[]): Limits {
  const file = parseFacts(source, LimitsSchema);
  refuseProblems(
    Object.entries(file.value).flatMap(([service, limits]) =>
      services.includes(service)
        ? Object.keys(limits).flatMap((name) => sideProblems(file, service, name))
        : [
            file.problem(
              [service],
              `there is no service ${service}`,
              fixForName(service, services),
            ),
          ],
    ),
  );
  return file.value;
}

function sideProblems(file: FactFile<Limits>, service: string, name: string): string[] {
  const { within, beyond, unchecked } = file.value[service]?.[name] ?? {};
  if (unchecked !== undefined) {
    return within === undefined && beyond === undefined
      ? []
      : [file.problem([service, name], 'has checks and is `unchecked`', 'remove `unchecked`')];
  }
  return [
    ...(within === undefined ? ['within'] : []),
    ...(beyond === undefined ? ['beyond'] : []),
  ].map((side) =>
    file.problem(
      [service, name],
      `no file checks the side \`${side}\``,
      `add ${side}: path, or \`unchecked\` with the reason`,
    ),
  );
}

/** Reads the limits of this system. */
export const readLimits = (services: readonly string[], path: string = LIMITS_PATH): Limits =>
  parseLimits(readFactSource(path), services);

/** The values alone. */
export const limitValues = (limits: Limits): LimitValues =>
  Object.fromEntries(
    Object.entries(limits).map(([service, of]) => [
      service,
      Object.fromEntries(Object.entries(of).map(([name, { value }]) => [name, value])),
    ]),
  );
