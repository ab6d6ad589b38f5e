/** Which service needs what, over which named link: derived from contracts/topology.yaml. */
import { TOPOLOGY } from '#contracts/spec/topology.generated.ts';
import type { Topology } from '#contracts/spec/topology.ts';
import {
  INFRASTRUCTURE,
  type Infrastructure,
  SERVICES,
  type ServiceName,
} from '../kernel/address-book.ts';
import { unknownKeyMessage } from '../kernel/suggestion.ts';
import { OUTBOX_SERVICES } from '../kernel/system.ts';

export type Dependency = Infrastructure | ServiceName;

/** Every dependency of every service; a service reaches nothing else. */
export const LINKS: Readonly<Record<ServiceName, readonly Dependency[]>> = TOPOLOGY.links;

const servers: Topology['infrastructure'] = TOPOLOGY.infrastructure;
const runningWith = (what: 'services' | 'outboxes'): Infrastructure[] =>
  INFRASTRUCTURE.filter((name) => servers[name]?.runsWith === what);

export const linkName = (service: string, dependency: string): string => `${service}→${dependency}`;

export const isService = (name: string): name is ServiceName =>
  (SERVICES as readonly string[]).includes(name);
export const isInfrastructure = (name: string): name is Infrastructure =>
  (INFRASTRUCTURE as readonly string[]).includes(name);

export interface Selection {
  readonly infrastructure: ReadonlySet<Infrastructure>;
  readonly services: ReadonlySet<ServiceName>;
}

/** Everything that has to run so that `only` can; the whole stack when nothing is named. */
export function select(only: readonly string[] | undefined): Selection {
  if (!only) return { infrastructure: new Set(INFRASTRUCTURE), services: new Set(SERVICES) };
  const infrastructure = new Set<Infrastructure>();
  const services = new Set<ServiceName>();
  const add = (name: string): void => {
    if (isService(name)) {
      if (services.has(name)) return;
      services.add(name);
      for (const needed of [...LINKS[name], ...runningWith('services')]) add(needed);
      if (OUTBOX_SERVICES.includes(name)) for (const needed of runningWith('outboxes')) add(needed);
    } else if (isInfrastructure(name)) {
      infrastructure.add(name);
      for (const needed of servers[name]?.needs ?? []) add(needed);
    } else {
      throw new Error(unknownKeyMessage(name, [...INFRASTRUCTURE, ...SERVICES], 'a stack'));
    }
  };
  for (const name of only) add(name);
  return { infrastructure, services };
}
