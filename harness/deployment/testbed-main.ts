/**
 * The program of the image `sagaproof/testbed`: what Compose and Kind need of the harness.
 * `serve <oidc | smtp | otlp>` runs one of its servers; `setup <kafka | registry | postgres |
 * connect>` gives a server the topics, schemas, roles or connectors of the contracts, and ends.
 */
import { z } from 'zod';
import { OUTBOX_SERVICES, storeUsers } from '../kernel/system.ts';
import type { Endpoint } from '../testbed/endpoints.ts';
import { addressProvider } from '../testbed/providers/address/address-provider.ts';
import type { HostPort } from '../testbed/providers/provider.ts';
import type { Resource } from '../testbed/resource.ts';
import { connectResource } from '../testbed/resources/connect.ts';
import { kafkaResource } from '../testbed/resources/kafka.ts';
import { oidcEntry, oidcResource } from '../testbed/resources/oidc.ts';
import { otlpEntry, otlpResource } from '../testbed/resources/otlp.ts';
import { postgresResource } from '../testbed/resources/postgres.ts';
import { registryResource } from '../testbed/resources/registry.ts';
import { smtpEntry, smtpResource } from '../testbed/resources/smtp.ts';

const EXIT_USAGE = 2;
const EVERY_INTERFACE = '0.0.0.0';
const port = z.coerce.number().int().min(1).max(65_535);

const Served = z.object({
  PORT: port,
  /** Under which name others reach this container. */
  HOST_NAME: z.string().min(1),
  OIDC_AUDIENCE: z.string().default(''),
  MESSAGES_PORT: port.default(9001),
});
const Setup = z.object({
  KAFKA_BOOTSTRAP: z.string(),
  REGISTRY_URL: z.url(),
  POSTGRES_URL: z.url(),
  CONNECT_URL: z.url(),
  ROLE_PASSWORD: z.string().min(1),
});
type Setup = z.infer<typeof Setup>;

const SERVERS: Readonly<Record<string, () => Resource>> = {
  oidc() {
    const { own, named, OIDC_AUDIENCE } = served();
    return oidcResource(own, oidcEntry(named, OIDC_AUDIENCE));
  },
  smtp() {
    const { own, named, MESSAGES_PORT } = served();
    return smtpResource(own, smtpEntry(named, MESSAGES_PORT));
  },
  otlp() {
    const { own, named } = served();
    return otlpResource(own, otlpEntry(named));
  },
};

function served() {
  const values = Served.parse(process.env);
  const own: Endpoint = { provider: 'native', host: EVERY_INTERFACE, port: values.PORT };
  return { ...values, own, named: { ...own, host: values.HOST_NAME } };
}

const SETUPS: Readonly<Record<string, (values: Setup) => Resource>> = {
  kafka: ({ KAFKA_BOOTSTRAP: bootstrap }) =>
    kafkaResource({
      provider: addressProvider('kafka', hostPortOf(`tcp://${bootstrap}`)),
      bootstrap,
    }),
  registry: ({ REGISTRY_URL: url }) =>
    registryResource({ provider: addressProvider('registry', hostPortOf(url)), url }),
  postgres: ({ POSTGRES_URL: superuserUrl, ROLE_PASSWORD: password }) =>
    postgresResource({
      provider: addressProvider('postgres', hostPortOf(superuserUrl)),
      superuserUrl,
      roles: {
        services: Object.fromEntries(storeUsers('postgres').map((name) => [name, password])),
        debezium: password,
        witness: password,
        superuser: password,
      },
      outboxes: OUTBOX_SERVICES,
    }),
  connect: ({ CONNECT_URL: url, POSTGRES_URL, ROLE_PASSWORD: password }) =>
    connectResource({
      provider: addressProvider('connect', hostPortOf(url)),
      url,
      outboxes: OUTBOX_SERVICES,
      postgres: hostPortOf(POSTGRES_URL),
      password,
    }),
};

function hostPortOf(text: string): HostPort {
  const url = new URL(text);
  return { host: url.hostname, port: Number(url.port) };
}

async function main([verb = '', name = '']: readonly string[]): Promise<void> {
  const serve = verb === 'serve' ? SERVERS[name] : undefined;
  const setup = verb === 'setup' ? SETUPS[name] : undefined;
  if (serve) {
    const resource = serve();
    await resource.up(AbortSignal.timeout(resource.upTimeoutMs));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(
        signal,
        () =>
          void resource
            .down(AbortSignal.timeout(resource.downTimeoutMs))
            .then(() => process.exit(0)),
      );
    }
    console.log(`${name} is ready`);
  } else if (setup) {
    const resource = setup(Setup.parse(process.env));
    const signal = AbortSignal.timeout(resource.upTimeoutMs);
    await resource.up(signal);
    await resource.healthCheck(signal);
    await resource.verify?.(signal);
    console.log(`${name} is set up`);
    process.exit(0);
  } else {
    console.error(
      `usage: serve ${Object.keys(SERVERS).join(' | ')}, or setup ${Object.keys(SETUPS).join(' | ')}`,
    );
    process.exit(EXIT_USAGE);
  }
}

await main(process.argv.slice(2));
