/** The manifest's JSON schema, for editors and for readers: docs/reference. */
import { z } from 'zod';
import { packageAsset } from '../../kernel/package-assets.ts';
import { ServiceManifest } from './manifest.ts';

export const SCHEMA_PATH = packageAsset('docs/reference/sagaproof.service.schema.json');

const exactlyOne = (...keys: string[]) => keys.map((key) => ({ required: [key] }));

/** What the zod schema says, and the two choices that it leaves to code. */
export function manifestJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(ServiceManifest, { io: 'input', target: 'draft-2020-12' });
  const properties = schema.properties as Record<string, Record<string, unknown>>;
  return {
    ...schema,
    title: 'sagaproof.service.yaml',
    oneOf: exactlyOne('command', 'image', 'address'),
    properties: {
      ...properties,
      readiness: { ...properties['readiness'], oneOf: exactlyOne('http', 'grpc', 'tcp') },
    },
  };
}
