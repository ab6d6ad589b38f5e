/** What is generated from topology.yaml, topics.yaml and sagas.yaml. */
import { z } from 'zod';
import { readSagas, SagasSchema } from '#contracts/spec/sagas.ts';
import { readTopicTable } from '#contracts/spec/topics.ts';
import { readTopology, TopologySchema } from '#contracts/spec/topology.ts';

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
    'docs/reference/topology.schema.json': jsonSchema(TopologySchema, 'contracts/topology.yaml'),
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

function jsonSchema(schema: z.ZodType, title: string): string {
  const json = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return `${JSON.stringify({ ...json, title }, null, 2)}\n`;
}
