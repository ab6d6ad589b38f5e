/** One instance of a service as a resource: started from its manifest, ready by its own answer. */
import { join, resolve } from 'node:path';
import type { InstanceAddress } from '../../kernel/address-book.ts';
import { START_FLAGS } from '../../kernel/node-flags.ts';
import { deadline, until } from '../../kernel/poll.ts';
import { type ChildSpec, readLogTail } from '../child.ts';
import { childEnv, compileCache, type Restartable, type StackContext } from '../piece.ts';
import { accepts } from '../probe.ts';
import type { Programs } from './bundle.ts';
import type { ServiceDefinition } from './definition.ts';
import { nodePath } from './node-path.ts';
import { type PlaceholderValues, replacePlaceholders } from './placeholders.ts';
import { askReady, listenerOf, type ReadinessProbe } from './readiness.ts';

/** A drain may take this long; a service that needs more is ended. */
const GRACE_MS = 15_000;
const DOWN_TIMEOUT_MS = 25_000;
const PROBE_TIMEOUT_MS = 5_000;

export interface InstanceOptions {
  readonly definition: ServiceDefinition;
  readonly address: InstanceAddress;
  readonly values: PlaceholderValues;
  readonly after: readonly string[];
  /** Built while servers boot; whoever starts one of them waits for it. */
  readonly programs: Promise<Programs>;
}

/** @throws ManifestError when a placeholder has no value, before anything is started */
export function instanceResource(context: StackContext, options: InstanceOptions): Restartable {
  const { definition, address } = options;
  const { manifest } = definition;
  const logFile = join(context.paths.logs, `${address.id}.log`);
  const probe = probeOf(options);
  const spec = manifest.command ? childSpec(context, options, logFile) : undefined;
  const ask = async (parent: AbortSignal): Promise<void> => {
    using limit = deadline(`an answer of ${address.id}`, PROBE_TIMEOUT_MS, parent);
    await askReady(probe, limit.signal);
  };
  const ready = async (signal: AbortSignal): Promise<void> => {
    // Whether anybody listens is the cheapest question, and for most of a start the answer is no.
    const listener = listenerOf(probe);
    const where = `readiness.${probe.kind} of ${definition.file}`;
    await until(`${address.id} listens (${where})`, () => accepts(listener, signal), { signal });
    await until(`${address.id} is ready (${where})`, () => ask(signal), { signal });
  };
  return {
    name: address.id,
    after: options.after,
    upTimeoutMs: manifest.readiness.timeoutMs,
    downTimeoutMs: DOWN_TIMEOUT_MS,
    async up(signal) {
      if (!spec) return ready(signal);
      const program = context.untuned ? spec : await withBundle(options, spec);
      const child = await context.table.start(program, signal);
      await child.whileAlive(ready(signal));
      context.table.markReady(address.id);
    },
    async restart(signal, env) {
      if (!spec)
        throw new Error(`${address.id} is at an address of yours: restart it where it runs`);
      await context.table.stop(address.id);
      const child = await context.table.again(address.id, signal, env);
      await child.whileAlive(ready(signal));
      context.table.markReady(address.id);
    },
    healthCheck: ask,
    async down() {
      await context.table.stop(address.id);
    },
    logTail: () => readLogTail(logFile),
  };
}

/** The Node program of a manifest that asks to be run as one file. */
export function bundledEntry({ folder, manifest }: ServiceDefinition): string | undefined {
  const [, program] = manifest.bundle ? (manifest.command ?? []) : [];
  return program === undefined ? undefined : resolve(folder, manifest.cwd, program);
}

async function withBundle(options: InstanceOptions, spec: ChildSpec): Promise<ChildSpec> {
  const entry = bundledEntry(options.definition);
  if (entry === undefined) return spec;
  const file = (await options.programs).get(entry);
  if (file === undefined) throw new Error(`${entry} was not built`);
  const [node = 'node', , ...args] = spec.command;
  return { ...spec, command: [node, ...START_FLAGS, file, ...args] };
}

function probeOf({ definition, values }: InstanceOptions): ReadinessProbe {
  const { readiness } = definition.manifest;
  for (const kind of ['http', 'grpc', 'tcp'] as const) {
    const text = readiness[kind];
    if (text === undefined) continue;
    const target = replacePlaceholders(text, values, `${definition.file}: readiness.${kind}`);
    return { kind, target };
  }
  throw new Error(`${definition.file} has no readiness check`);
}

function childSpec(context: StackContext, options: InstanceOptions, logFile: string): ChildSpec {
  const { definition, address, values } = options;
  const { manifest, file, folder } = definition;
  const command = (manifest.command ?? []).map((part, index) =>
    replacePlaceholders(part, values, `${file}: command[${index}]`),
  );
  const env = Object.entries(manifest.env).map(([name, value]) => [
    name,
    replacePlaceholders(value, values, `${file}: env.${name}`),
  ]);
  return {
    id: address.id,
    kind: 'service',
    service: definition.service,
    command,
    cwd: resolve(folder, manifest.cwd),
    env: childEnv(context.paths, {
      PATH: nodePath(),
      ...compileCache(context),
      ...Object.fromEntries(env),
    }),
    logFile,
    graceMs: GRACE_MS,
  };
}
