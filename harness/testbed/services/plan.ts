/** The instances of every service of a stack: ports, placeholders, resources, addresses. */
import { join } from 'node:path';
import type {
  AddressBook,
  InstanceAddress,
  LinkAddress,
  ServiceAddress,
  ServiceName,
} from '../../kernel/address-book.ts';
import type { ManagedResource } from '../component.ts';
import { isInfrastructure, LINKS, linkName } from '../links.ts';
import { NATIVE_HOST } from '../providers/native/host.ts';
import { WIRE } from '../resources/wire.ts';
import type { StackContext } from '../stack-context.ts';
import { bundlePrograms } from './bundle.ts';
import type { ServiceDefinition } from './definition.ts';
import { bundledEntry, instanceResource } from './instance.ts';
import { languageOf } from './language.ts';

/** Ports of the first instances, before anything that needs to know them is made. */
export async function allocateInstances(
  context: StackContext,
  definition: ServiceDefinition,
): Promise<InstanceAddress[]> {
  const { manifest, service } = definition;
  if (manifest.address) return [{ id: `${service}-1`, ...manifest.address }];
  const numbers = Array.from({ length: manifest.instances }, (_, index) => index + 1);
  return Promise.all(numbers.map((number) => allocateInstance(context, definition, number)));
}

async function allocateInstance(
  context: StackContext,
  { manifest, service }: ServiceDefinition,
  number: number,
): Promise<InstanceAddress> {
  const ports: Record<string, number> = {};
  for (const name of manifest.ports) ports[name] = await context.ports.next();
  return { id: `${service}-${number}`, host: NATIVE_HOST, ports };
}

/** The values of placeholders come from here. */
export interface PlaceholderContext {
  readonly links: readonly LinkAddress[];
  readonly oidc: AddressBook['oidc'] | undefined;
  readonly otlp: AddressBook['otlp'] | undefined;
  readonly databasePasswords: Readonly<Record<string, string>>;
}

export interface RunningService {
  readonly definition: ServiceDefinition;
  /** Changes as instances come and go. */
  instances: InstanceAddress[];
}

export interface ServicePlan {
  readonly services: ReadonlyMap<ServiceName, RunningService>;
  /** The resource of an instance, new or planned. */
  resourceOf(definition: ServiceDefinition, address: InstanceAddress): ManagedResource;
  /** Ports for one more instance; it is in the address book once `add` is called. */
  another(service: string): Promise<{ definition: ServiceDefinition; address: InstanceAddress }>;
  add(service: ServiceName, address: InstanceAddress): void;
  remove(id: string): void;
  addresses(pidOf: (id: string) => number | undefined): Record<string, ServiceAddress>;
}

export function planServices(
  context: StackContext,
  running: ReadonlyMap<ServiceName, RunningService>,
  placeholders: PlaceholderContext,
): ServicePlan {
  const started = new Map([...running].map(([name, { instances }]) => [name, instances.length]));
  const bundled = context.untuned ? [] : [...running.values()];
  const entries = bundled.flatMap(({ definition }) => bundledEntry(definition) ?? []);
  const programs = bundlePrograms(entries, join(context.installation.cacheFolder, 'bundles'));
  // A failure is reported by the instances that wait for it; until then it is not unhandled.
  programs.catch(() => undefined);
  return {
    services: running,
    resourceOf: (definition, address) =>
      instanceResource(context, {
        definition,
        address,
        values: placeholderValues(definition.service, address, placeholders),
        after: dependenciesOf(definition, placeholders),
        programs,
      }),
    async another(service) {
      const known = running.get(service as ServiceName);
      if (!known) {
        throw new Error(
          `unknown service "${service}"; services of this stack: ${[...running.keys()].join(', ')}`,
        );
      }
      if (known.definition.manifest.address) {
        throw new Error(
          `${service} is at an address of yours: start another instance where it runs`,
        );
      }
      const number = (started.get(known.definition.service) ?? 0) + 1;
      started.set(known.definition.service, number);
      const address = await allocateInstance(context, known.definition, number);
      return { definition: known.definition, address };
    },
    add(service, address) {
      running.get(service)?.instances.push(address);
    },
    remove(id) {
      for (const service of running.values()) {
        service.instances = service.instances.filter((instance) => instance.id !== id);
      }
    },
    addresses: (pidOf) => addressesOf(running, pidOf),
  };
}

function dependenciesOf(
  { service, manifest }: ServiceDefinition,
  placeholders: PlaceholderContext,
): string[] {
  if (manifest.address) return [];
  const linked = new Set(placeholders.links.map((link) => link.name));
  const components = LINKS[service].filter(
    (dependency) => isInfrastructure(dependency) && linked.has(linkName(service, dependency)),
  );
  const hosted = [placeholders.oidc ? 'oidc' : undefined, placeholders.otlp ? 'otlp' : undefined];
  const own = placeholders.links.filter(({ name }) => name.startsWith(linkName(service, '')));
  const wire = own.some(({ hops }) => hops.some(({ kind }) => kind === 'wire')) ? [WIRE] : [];
  return [
    ...new Set([
      'toxiproxy',
      ...wire,
      ...components,
      ...hosted.filter((name) => name !== undefined),
    ]),
  ];
}

function placeholderValues(
  service: ServiceName,
  address: InstanceAddress,
  placeholders: PlaceholderContext,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>([['instance.id', address.id]]);
  for (const [name, port] of Object.entries(address.ports))
    values.set(`port.${name}`, String(port));
  for (const dependency of LINKS[service]) {
    const link = placeholders.links.find((l) => l.name === linkName(service, dependency));
    if (link) values.set(`link.${dependency}`, link.listen);
  }
  const postgres = values.get('link.postgres');
  const password = placeholders.databasePasswords[service];
  if (postgres && password) {
    values.set('db.url', `postgres://${service}:${password}@${postgres}/${service}`);
  }
  if (placeholders.oidc) {
    values.set('oidc.issuer', placeholders.oidc.issuer);
    values.set('oidc.audience', placeholders.oidc.audience);
  }
  if (placeholders.otlp) values.set('otlp.url', placeholders.otlp.tracesUrl);
  return values;
}

function addressesOf(
  running: ReadonlyMap<ServiceName, RunningService>,
  pidOf: (id: string) => number | undefined,
): Record<string, ServiceAddress> {
  const entries = [...running].map(([service, { definition, instances }]) => {
    const language = languageOf(definition.manifest);
    const address: ServiceAddress = {
      service,
      version: definition.manifest.version,
      ...(language === undefined ? {} : { language }),
      manifest: definition.file,
      subject: definition.subject,
      absentFeatures: definition.manifest.features.absent,
      instances: instances.map((instance) => {
        const pid = pidOf(instance.id);
        return pid === undefined ? instance : { ...instance, pid };
      }),
    };
    return [service, address] as const;
  });
  return Object.fromEntries(entries);
}
