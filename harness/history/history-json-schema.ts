import { z } from 'zod';
import { packageAsset } from '../kernel/package-assets.ts';
import { EVENT_SCHEMAS } from './event-schema.ts';

export const HISTORY_SCHEMA_PATH = packageAsset('docs/reference/history.schema.json');

/** The JSON schema of one line of `history.jsonl`, as docs/reference has it. */
export function historyJsonSchema(): Record<string, unknown> {
  const kinds = [...new Set(Object.values(EVENT_SCHEMAS))];
  return {
    ...jsonSchemaOf(z.union(kinds as unknown as [z.ZodType, z.ZodType])),
    title: 'One line of history.jsonl',
    description: 'Further fields are allowed; an unknown type is not.',
  };
}

/** As a reader needs it: fields that the schema does not name are allowed. */
const jsonSchemaOf = (schema: z.ZodType): Record<string, unknown> =>
  z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });

/** The same without what only people read. */
export const bareJsonSchemaOf = (schema: z.ZodType): Record<string, unknown> =>
  z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema.description;
      delete jsonSchema.readOnly;
    },
  });
