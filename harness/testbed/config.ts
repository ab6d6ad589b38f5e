/**
 * `sagaproof.config.ts`: the user's infrastructure and services, which replace ours, and their own
 * scenarios and invariants, which are played and checked with ours.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
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
  /** Folders of scenarios, relative to the file; each module exports one as its default. */
  scenarios: z.array(z.string()).default([]),
  /** Folders of invariants, relative to the file; each module exports one as its default. */
  invariants: z.array(z.string()).default([]),
});
export type SagaproofConfig = z.infer<typeof SagaproofConfig>;
/** What a `sagaproof.config.ts` exports by default. */
export type SagaproofConfigInput = z.input<typeof SagaproofConfig>;

/** The part of a configuration that a stack is made of. */
export type StackConfig = Pick<SagaproofConfig, 'addresses'>;

/** The components that the user runs: nothing is installed or started for them. */
export const replacedComponents = ({ addresses }: Pick<SagaproofConfig, 'addresses'>) =>
  INFRASTRUCTURE.filter((name: Infrastructure) => addresses[name] !== undefined);

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
  if (!statSync(path).isFile()) {
    throw new ConfigError(`${path} is not a regular file`, {
      file: path,
      fix: 'pass a configuration file with --config',
    });
  }
  const config = parseConfig(await defaultExportOf(path), path);
  const located = (paths: readonly string[]) => paths.map((one) => resolve(dirname(path), one));
  requireFolders(config, path);
  return {
    ...config,
    subjects: located(config.subjects),
    scenarios: located(config.scenarios),
    invariants: located(config.invariants),
  };
}

async function defaultExportOf(path: string): Promise<unknown> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  } catch (cause) {
    throw new ConfigError(importProblem(path, cause as Error), { file: path, cause });
  }
  if (loaded.default !== undefined) return loaded.default;
  throw new ConfigError(
    `${path} has no default export; fix: write \`export default defineConfig({})\``,
    { file: path },
  );
}

/** Node names the line of a syntax error in the stack only. */
function importProblem(path: string, { message, stack = '' }: Error): string {
  const [, line] = stack.match(new RegExp(`^(?:file://)?${RegExp.escape(path)}:(\\d+)`, 'm')) ?? [];
  const where = line === undefined ? path : `${path}:${line}`;
  const fix = /Cannot find package 'sagaproof'/.test(message) ? '; fix: npm i -D sagaproof' : '';
  return `${where} cannot be loaded: ${message.split('\n')[0]}${fix}`;
}

function requireFolders(config: SagaproofConfig, path: string): void {
  for (const key of ['scenarios', 'invariants'] as const) {
    for (const folder of config[key]) {
      const absolute = resolve(dirname(path), folder);
      if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory()) continue;
      throw new ConfigError(
        `${placeOf(path, [key])}: ${key}: ${folder} is not a folder; ` +
          `fix: make ${absolute}, or take it out of ${key}`,
      );
    }
  }
}

export function parseConfig(value: unknown, path: string): SagaproofConfig {
  const parsed = SagaproofConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => describe(issue, path));
  throw new ConfigError(problems.join('\n'), { file: path });
}

function describe(issue: z.core.$ZodIssue, path: string): string[] {
  const where = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') {
    return [`${placeOf(path, issue.path)}: ${where || 'the file'}: ${issue.message}`];
  }
  const [section] = issue.path;
  const component = issue.path[1];
  let known = Object.keys(SagaproofConfig.shape);
  if (section === 'addresses') {
    const shapes = Addresses.shape as Record<string, { readonly shape: object }>;
    known = Object.keys(
      component === undefined ? shapes : (shapes[String(component)]?.shape ?? {}),
    );
  }
  return issue.keys.map(
    (key) => `${placeOf(path, [...issue.path, key])}: ${unknownKeyMessage(key, known, where)}`,
  );
}

/** `file:line` of a key, found in the text; the file alone where it is written another way. */
function placeOf(path: string, keys: readonly PropertyKey[]): string {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  let at = 0;
  for (const key of keys.filter((one) => typeof one === 'string')) {
    const found = text
      .slice(at)
      .search(new RegExp(`(?<![\\w$])${RegExp.escape(key)}['"]?\\s*[:,}]`));
    if (found < 0) return path;
    at += found;
  }
  return at === 0 ? path : `${path}:${text.slice(0, at).split('\n').length}`;
}
