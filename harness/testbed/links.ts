/** Which service needs what, and the named link that carries it. */
import {
  INFRASTRUCTURE,
  type Infrastructure,
  SERVICES,
  type ServiceName,
} from '../kernel/address-book.ts';

import { unknownKeyMessage } from '../kernel/suggestion.ts';

export type Dependency = Infrastructure | ServiceName;

/** Every dependency of every service; what is not here a service does not reach. */
export const LINKS: Readonly<Record<ServiceName, readonly Dependency[]>> = {
  'api-gateway': ['auth', 'job-management', 'order', 'inventory', 'payment', 'shipping', 'query'],
  auth: ['oidc'],
  'job-management': ['redis', 'kafka', 'registry'],
  websocket: ['auth', 'redis', 'kafka', 'registry'],
  order: ['eventstore', 'kafka', 'registry'],
  inventory: ['postgres', 'kafka', 'registry'],
  payment: ['postgres', 'kafka', 'registry'],
  shipping: ['postgres', 'kafka', 'registry'],
  query: ['mongodb', 'kafka', 'registry'],
  notification: ['postgres', 'kafka', 'registry', 'smtp'],
};

/** Services whose outbox Debezium carries to Kafka. */
export const OUTBOX_SERVICES = ['inventory', 'payment', 'shipping'] as const;

/** What a piece of infrastructure itself stands on. */
const INFRASTRUCTURE_NEEDS: Partial<Record<Infrastructure, readonly Infrastructure[]>> = {
  connect: ['kafka', 'postgres'],
};

export const linkName = (service: string, dependency: string): string => `${service}→${dependency}`;

export const isService = (name: string): name is ServiceName =>
  (SERVICES as readonly string[]).includes(name);
export const isInfrastructure = (name: string): name is Infrastructure =>
  (INFRASTRUCTURE as readonly string[]).includes(name);

/** Services with a database in Postgres. */
export const postgresServices = (): ServiceName[] =>
  SERVICES.filter((service) => LINKS[service].includes('postgres'));

export interface Selection {
  readonly infrastructure: ReadonlySet<Infrastructure>;
  readonly services: ReadonlySet<ServiceName>;
}

/** What has to run so that everything in `only` can; the whole stack when nothing is named. */
export function select(only: readonly string[] | undefined): Selection {
  if (!only) return { infrastructure: new Set(INFRASTRUCTURE), services: new Set(SERVICES) };
  const infrastructure = new Set<Infrastructure>();
  const services = new Set<ServiceName>();
  const add = (name: string): void => {
    if (isService(name)) {
      if (services.has(name)) return;
      services.add(name);
      // Its links run through Toxiproxy, and its traces go to the receiver.
      for (const needed of [...LINKS[name], 'toxiproxy', 'otlp', 'oidc']) add(needed);
      if ((OUTBOX_SERVICES as readonly string[]).includes(name)) add('connect');
    } else if (isInfrastructure(name)) {
      infrastructure.add(name);
      for (const needed of INFRASTRUCTURE_NEEDS[name] ?? []) add(needed);
    } else {
      throw new Error(unknownKeyMessage(name, [...INFRASTRUCTURE, ...SERVICES], 'a stack'));
    }
  };
  for (const name of only) add(name);
  return { infrastructure, services };
}
