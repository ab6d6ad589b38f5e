import { isJson, type Json, SchemaDocument } from '../../harness/gate/json-schema/document.ts';
import { inlined } from '../../harness/gate/json-schema/inline.ts';

/** A document as a JSON Schema 2020-12 validator accepts it, with references inlined. */
export function written(document: Json): Json {
  const text = JSON.stringify(modern(discriminated(document)));
  return inlined(new SchemaDocument(text, 'a case').top) as Json;
}

const mapped = (json: Json, change: (value: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(json).map(([key, value]) => [key, change(value)]));

/** A sender of a mapped alternative writes the name of the alternative into the property. */
function discriminated(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(discriminated);
  if (!isJson(json)) return json;
  const { discriminator, ...rest } = json;
  const whole = mapped(rest, discriminated);
  if (!isJson(discriminator) || !isJson(discriminator['mapping'])) return whole;
  const [property, mapping] = [String(discriminator['propertyName']), discriminator['mapping']];
  const named = (branch: unknown): unknown => {
    const target = isJson(branch) ? branch['$ref'] : undefined;
    const names = Object.keys(mapping).filter((name) => mapping[name] === target);
    return {
      allOf: [branch, { required: [property], properties: { [property]: { enum: names } } }],
    };
  };
  return mapped(whole, (value) =>
    value === whole['oneOf'] || value === whole['anyOf'] ? (value as unknown[])?.map(named) : value,
  );
}

/** Translates keywords of OpenAPI 3.0 to JSON Schema. */
function modern(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(modern);
  if (!isJson(json)) return json;
  const { nullable, ...rest } = mapped(json, modern);
  const schema: Record<string, unknown> = { ...rest };
  if (nullable === true && typeof schema['type'] === 'string')
    schema['type'] = [schema['type'], 'null'];
  if (Array.isArray(schema['items'])) {
    schema['prefixItems'] = schema['items'];
    delete schema['items'];
    if ('additionalItems' in schema) schema['items'] = schema['additionalItems'];
  }
  for (const [strict, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof schema[strict] !== 'boolean') continue;
    if (schema[strict] === true) schema[strict] = schema[bound];
    else delete schema[strict];
  }
  return schema;
}

/** `readOnly` properties are in responses only, `writeOnly` ones in requests only. */
export type OtherWay = 'readOnly' | 'writeOnly';

/** A schema without the properties of the other direction, which are not required here. */
export function oneWay(schema: unknown, other: OtherWay, side: 'sent' | 'taken'): unknown {
  if (Array.isArray(schema)) return schema.map((part) => oneWay(part, other, side));
  if (!isJson(schema)) return schema;
  const whole: Record<string, unknown> = mapped(schema, (part) => oneWay(part, other, side));
  const { properties, required } = whole;
  if (!isJson(properties)) return whole;
  const away = Object.keys(properties).filter((name) => isMarked(properties[name], other));
  if (Array.isArray(required)) whole['required'] = required.filter((it) => !away.includes(it));
  if (side === 'sent') {
    whole['properties'] = Object.fromEntries(
      Object.entries(properties).filter(([name]) => !away.includes(name)),
    );
  }
  return whole;
}

function isMarked(schema: unknown, other: OtherWay): boolean {
  if (!isJson(schema)) return false;
  const { allOf } = schema;
  return (
    schema[other] === true || (Array.isArray(allOf) && allOf.some((part) => isMarked(part, other)))
  );
}
