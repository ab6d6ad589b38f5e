/** `sagaproof.config.ts`: addresses of the user's own infrastructure, which replace our own. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { INFRASTRUCTURE, type Infrastructure } from '../kernel/address-book.ts';
import { SagaproofError } from '../kernel/errors.ts';
import { unknownKeyMessage } from '../kernel/suggestion.ts';
import { CONFIG_FILES, configFileIn, workspaceFolder } from '../kernel/workspace.ts';

const HostPort = z.string().regex(/^[^\s:/]+:\d{1,5}$/, 'is not host:port');

const Addresses = z.strictObject({
  kafka: z.strictObject({ bootstrap: HostPort }),
  registry: z.strictObject({ url: z.url() }),
  connect: z.strictObject({ url: z.url() }),
  /** A role that may create roles and databases: `postgres://user:password@host:port/database`. */
  postgres: z.strictObject({ url: z.url({ protocol: /^postgres(ql)?$/ }) }),
  redis: z.strictObject({ url: z.url({ protocol: /^rediss?$/ }) }),
  mongodb: z.strictObject({ url: z.url({ protocol: /^mongodb(\+srv)?$/ }) }),
  eventstore: z.strictObject({ connectionString: z.string().regex(/^(esdb|kurrentdb)(\+\w+)?:/) }),
  toxiproxy: z.strictObject({ url: z.url() }),
  oidc: z.strictObject({
    issuer: z.url(),
    audience: z.string().min(1),
    mintUrl: z.url(),
    rotateUrl: z.url(),
  }),
  smtp: z.strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535),
    messagesUrl: z.url(),
  }),
  otlp: z.strictObject({ tracesUrl: z.url(), spansUrl: z.url() }),
});

export const SagaproofConfig = z.strictObject({
  addresses: Addresses.partial().default({}),
  /** Manifests of implementations to verify, relative to the file. */
  subjects: z.array(z.string()).default([]),
});
export type SagaproofConfig = z.infer<typeof SagaproofConfig>;
/** What a `sagaproof.config.ts` exports by default. */
export type SagaproofConfigInput = z.input<typeof SagaproofConfig>;

/** The pieces that the user runs: nothing is installed or started for them. */
export const replacedPieces = ({ addresses }: SagaproofConfig): Infrastructure[] =>
  INFRASTRUCTURE.filter((name) => addresses[name] !== undefined);

class ConfigError extends SagaproofError {
  override readonly name = 'ConfigError';

  constructor(message: string, details: { file?: string; fix?: string; cause?: unknown } = {}) {
    super('config-invalid', message, details);
  }
}

/**
 * Reads the configuration; the defaults when there is none.
 *
 * @param file absolute or relative path that the user named; absent = the one of the workspace
 */
export async function loadConfig(file?: string): Promise<SagaproofConfig> {
  const workspace = workspaceFolder();
  const path = file === undefined ? configFileIn(workspace) : resolve(file);
  if (path === undefined) return parseConfig({}, join(workspace, CONFIG_FILES[0]));
  if (!existsSync(path)) throw new ConfigError(`${path} does not exist`);
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  } catch (cause) {
    throw new ConfigError(`${path} cannot be loaded: ${(cause as Error).message}`, { cause });
  }
  if (loaded.default === undefined) {
    throw new ConfigError(
      `${path} has no default export: write \`export default { addresses: {} }\``,
    );
  }
  const config = parseConfig(loaded.default, path);
  return { ...config, subjects: config.subjects.map((subject) => resolve(dirname(path), subject)) };
}

export function parseConfig(value: unknown, path: string): SagaproofConfig {
  const parsed = SagaproofConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describe(issue));
  throw new ConfigError(`${path}: ${problems.join('; ')}`);
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return `${where || 'the file'}: ${issue.message}`;
  const [section] = issue.path;
  const piece = issue.path[1];
  let known = Object.keys(SagaproofConfig.shape);
  if (section === 'addresses') {
    const shapes = Addresses.shape as Record<string, { readonly shape: object }>;
    known = Object.keys(piece === undefined ? shapes : (shapes[String(piece)]?.shape ?? {}));
  }
  return issue.keys.map((key) => unknownKeyMessage(key, known, where)).join('; ');
}
