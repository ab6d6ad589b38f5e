/** What is generated from topology.yaml, topics.yaml, sagas.yaml and limits.yaml. */
import { z } from 'zod';
import { LimitsSchema, limitValues, readLimits } from '#contracts/spec/limits.ts';
import { readSagas, SagasSchema } from '#contracts/spec/sagas.ts';
import { readTopicTable } from '#contracts/spec/topics.ts';
import { readTopology, type Topology, TopologySchema } from '#contracts/spec/topology.ts';

/** By path from the repository's root: the text of each generated file. */
export function factOutputs(): Readonly<Record<string, string>> {
  return {
    'contracts/spec/topology.generated.ts': constant({
      name: 'TOPOLOGY',
      type: 'Topology',
      from: 'topology',
      value: readTopology(),
    }),
    'contracts/spec/topics.generated.ts': constant({
      name: 'TOPICS',
      type: 'readonly Topic[]',
      from: 'topics',
      value: readTopicTable().topics,
    }),
    'contracts/spec/sagas.generated.ts': constant({
      name: 'SAGAS',
      type: 'readonly SagaFacts[]',
      from: 'sagas',
      value: readSagas(),
    }),
    'contracts/spec/limits.generated.ts': constant({
      name: 'LIMITS',
      type: 'LimitValues',
      from: 'limits',
      value: limitValues(readLimits(Object.keys(readTopology().services))),
    }),
    'harness/clients/grpc-services.generated.ts': grpcServices(readTopology()),
    'docs/reference/topology.schema.json': jsonSchema(TopologySchema, 'contracts/topology.yaml'),
    'docs/reference/limits.schema.json': jsonSchema(LimitsSchema, 'contracts/limits.yaml'),
    'docs/reference/sagas.schema.json': jsonSchema(SagasSchema, 'contracts/sagas.yaml'),
  };
}

interface Constant {
  readonly name: string;
  readonly type: string;
  readonly from: string;
  readonly value: unknown;
}

const constant = ({ name, type, from, value }: Constant): string => `\
// Generated from ${from}.yaml by \`pnpm generate\`. Edit that file instead.
import type { ${type.replace(/^readonly |\[\]$/g, '')} } from './${from}.ts';

export const ${name} = ${JSON.stringify(value, null, 2)} as const satisfies ${type};
`;

/** Descriptors by the service that serves them; buf's file names follow from the full names. */
function grpcServices({ services }: Topology): string {
  const served = Object.entries(services).flatMap(([service, { grpc }]) =>
    grpc === undefined ? [] : [{ service, path: grpc.split('.') }],
  );
  const imports = served.map(({ path }) => {
    const folder = path.slice(0, -1).join('/');
    return `import { ${path.at(-1)} } from '#proto/${folder}/${path.at(-3)}_pb.js';`;
  });
  const entries = served.map(({ service, path }) => `  '${service}': ${path.at(-1)},`);
  return `\
// Generated from contracts/topology.yaml by \`pnpm generate\`. Edit that file instead.
import type { DescService } from '@bufbuild/protobuf';
${imports.join('\n')}

/** Every gRPC service, by the service that serves it. */
export const GRPC_SERVICES = {
${entries.join('\n')}
} as const satisfies Record<string, DescService>;
`;
}

function jsonSchema(schema: z.ZodType, title: string): string {
  const json = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return `${JSON.stringify({ ...json, title }, null, 2)}\n`;
}
