/** One instance of a service as a resource: started from its manifest, ready by its own answer. */
import { resolve } from 'node:path';
import type { InstanceAddress } from '../../kernel/address-book.ts';
import { START_FLAGS } from '../../kernel/node-flags.ts';
import { deadline, retry } from '../../kernel/poll.ts';
import { type ManagedResource, managed } from '../component.ts';
import { accepts } from '../probe.ts';
import { addressProvider } from '../providers/address/address-provider.ts';
import { compileCache } from '../providers/native/child-env.ts';
import { type NativeCommand, nativeProvider } from '../providers/native/native-provider.ts';
import type { Provider } from '../providers/provider.ts';
import type { StackContext } from '../stack-context.ts';
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
  /** Built while servers boot; the first instances wait for them. */
  readonly programs: Promise<Programs>;
}

/** @throws ManifestError when a placeholder has no value, before anything is started */
export function instanceResource(context: StackContext, options: InstanceOptions): ManagedResource {
  const { definition, address } = options;
  const probe = probeOf(options);
  const listener = listenerOf(probe);
  const provider = providerOf(context, options, listener);
  const ask = async (parent: AbortSignal): Promise<void> => {
    using limit = deadline(`an answer of ${address.id}`, PROBE_TIMEOUT_MS, parent);
    await askReady(probe, limit.signal);
  };
  const ready = async (signal: AbortSignal): Promise<void> => {
    // A connection is the cheapest question, and for most of a start it is refused.
    const where = `readiness.${probe.kind} of ${definition.file}`;
    await retry(`${address.id} listens (${where})`, () => accepts(listener, signal), { signal });
    await retry(`${address.id} is ready (${where})`, () => ask(signal), { signal });
  };
  return managed({
    name: address.id,
    provider,
    after: options.after,
    upTimeoutMs: definition.manifest.readiness.timeoutMs,
    downTimeoutMs: DOWN_TIMEOUT_MS,
    ready,
    healthCheck: ask,
  });
}

function providerOf(
  context: StackContext,
  options: InstanceOptions,
  listener: Provider['address'],
): Provider {
  const { definition, address } = options;
  const { manifest, service } = definition;
  if (!manifest.command) return addressProvider(address.id, listener);
  const command = commandOf(context, options);
  return nativeProvider(context, {
    id: address.id,
    kind: 'service',
    service,
    graceMs: GRACE_MS,
    version: manifest.version,
    address: listener,
    command: async () => (context.untuned ? command : withBundle(options, command)),
  });
}

/** The Node program of a manifest that asks to be run as one file. */
export function bundledEntry({ folder, manifest }: ServiceDefinition): string | undefined {
  const [, program] = manifest.bundle ? (manifest.command ?? []) : [];
  return program === undefined ? undefined : resolve(folder, manifest.cwd, program);
}

async function withBundle(options: InstanceOptions, spec: NativeCommand): Promise<NativeCommand> {
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

function commandOf(context: StackContext, options: InstanceOptions): NativeCommand {
  const { definition, values } = options;
  const { manifest, file, folder } = definition;
  const command = (manifest.command ?? []).map((part, index) =>
    replacePlaceholders(part, values, `${file}: command[${index}]`),
  );
  const env = Object.entries(manifest.env).map(([name, value]) => [
    name,
    replacePlaceholders(value, values, `${file}: env.${name}`),
  ]);
  return {
    command,
    cwd: resolve(folder, manifest.cwd),
    env: { PATH: nodePath(), ...compileCache(context), ...Object.fromEntries(env) },
  };
}
