import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { EVENT_SCHEMAS, type EventType } from '../history/event-schema.ts';
import { bareJsonSchemaOf } from '../history/history-json-schema.ts';

/** Where the generated check is, from the repository's root. */
export const EVENT_CHECK_FILE = 'harness/history/event-check.generated.ts';

/** The reader looks at these before it knows which check to call. */
const CHECKED_BY_READER: readonly string[] = ['index', 'type'];

const omit = (fields: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/**
 * The check that the reader makes of each line, as code: validation by a schema that is
 * interpreted or compiled at run time would cost a tenth of the time that all invariants take.
 */
export function eventCheck(): string {
  const ajv = new Ajv({
    code: { source: true, esm: true, lines: true },
    // Numbers come from JSON, which has no NaN and no Infinity.
    strictNumbers: false,
    allowUnionTypes: true,
  });
  const names = new Map<unknown, string>();
  for (const schema of Object.values(EVENT_SCHEMAS)) {
    if (names.has(schema)) continue;
    const name = `check${names.size}`;
    names.set(schema, name);
    const { required, properties, ...rest } = bareJsonSchemaOf(schema);
    ajv.addSchema(
      {
        ...rest,
        properties: omit(properties as object, CHECKED_BY_READER),
        required: (required as string[]).filter((field) => !CHECKED_BY_READER.includes(field)),
      },
      name,
    );
  }
  const exported = Object.fromEntries([...names.values()].map((name) => [name, name]));
  const code = standalone.default(ajv, exported).replaceAll('export const', 'const');
  const table = (Object.keys(EVENT_SCHEMAS) as EventType[]).map(
    (type) => `  '${type}': ${names.get(EVENT_SCHEMAS[type])},`,
  );
  return [
    '// Generated from harness/history/event-schema.ts by `pnpm generate`. Do not edit.',
    '// @ts-nocheck Ajv writes JavaScript.',
    code,
    '',
    '/** By type of event: whether a parsed line has the fields of that type. */',
    'export const EVENT_CHECKS = {',
    ...table,
    '};',
    '',
  ].join('\n');
}
