/** What a chart of a service takes: checked when it is generated, and by Helm when it is used. */
import { z } from 'zod';

const Quantities = z.strictObject({
  cpu: z.union([z.string(), z.number()]),
  memory: z.string().regex(/^\d+(Mi|Gi)$/),
});
const Text = z.record(z.string(), z.string());

/** Values that all services of an installation share. */
const Global = z.looseObject({
  imageRegistry: z.string().default('').describe('Prefix of every image, with its slash.'),
  imagePullSecrets: z.array(z.string()).default([]),
  addresses: Text.default({}).describe('`host:port` of each server.'),
  serverNetworks: z
    .record(z.string(), z.strictObject({ cidr: z.string(), ports: z.array(z.int()) }))
    .default({})
    .describe('Servers outside of the cluster; the others are pods with the label `server`.'),
  oidc: z
    .strictObject({ issuer: z.string(), audience: z.string() })
    .default({ issuer: 'http://oidc:9000', audience: 'sagaproof' }),
  keda: z.strictObject({ enabled: z.boolean() }).default({ enabled: false }),
  mesh: z
    .strictObject({
      enabled: z.boolean(),
      trustDomain: z.string(),
      faults: z.boolean().describe('Routes that delay or refuse calls with a header of the tests.'),
    })
    .default({ enabled: false, trustDomain: 'cluster.local', faults: false }),
  monitoring: z
    .strictObject({ enabled: z.boolean(), namespace: z.string() })
    .default({ enabled: false, namespace: 'monitoring' }),
  externalSecrets: z
    .strictObject({ enabled: z.boolean(), store: z.string(), prefix: z.string() })
    .default({ enabled: false, store: 'sagaproof', prefix: 'sagaproof' }),
  irsa: z
    .strictObject({
      roleArnPrefix: z.string().describe('Of the role; the name of the service follows.'),
    })
    .default({ roleArnPrefix: '' }),
  ingress: z
    .strictObject({ namespace: z.string(), cidrs: z.array(z.string()) })
    .default({ namespace: 'ingress-nginx', cidrs: [] })
    .describe('Where requests from outside come from.'),
});

export const ServiceValues = z.strictObject({
  global: Global,
  image: z.strictObject({
    repository: z.string(),
    tag: z.string().describe('Empty: the version of the service.'),
    pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']),
  }),
  ports: z.record(z.string(), z.int()),
  env: Text.describe('Templates of Helm.'),
  secretEnv: z
    .array(z.strictObject({ name: z.string(), key: z.string() }))
    .describe('Variables from the secret of the service.'),
  consumes: z.array(z.string()).describe('Topics that it consumes as the group of its name.'),
  network: z.strictObject({
    calledBy: z.array(z.string()),
    calledPort: z.string().optional(),
    calls: z.array(z.strictObject({ name: z.string(), port: z.int() })),
    servers: z.array(z.string()),
  }),
  replicas: z.int().min(1),
  replicasMax: z.int().min(1),
  resources: z.strictObject({ requests: Quantities, limits: Quantities }),
  lagThreshold: z.int().min(1),
  expose: z
    .strictObject({
      port: z.string(),
      kind: z.enum(['ingress', 'load-balancer']),
      host: z.string(),
      annotations: Text,
    })
    .optional(),
  /** Helm gives it to every chart with this dependency. */
  'service-library': z.looseObject({}).optional(),
});

/** values.schema.json of every chart of a service. */
export function valuesJsonSchema(): string {
  const schema = z.toJSONSchema(ServiceValues, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ ...schema, title: 'Values of a service' }, null, 2)}\n`;
}
