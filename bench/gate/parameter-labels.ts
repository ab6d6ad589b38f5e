import { isJson, type Json } from '../../harness/gate/json-schema/document.ts';
import { firstRefused, instancesOf } from './instances.ts';

/** Where an operation is, in one version. */
export interface Called {
  readonly document: Json;
  readonly path: string;
  readonly op: Json;
}

/** The first parameter of an old call that a new server refuses, or reads as another value. */
export function refusedParameter(client: Called, server: Called): string | undefined {
  const sent = parametersOf(client);
  for (const parameter of parametersOf(server)) {
    const key = keyOf(parameter, server.path);
    const twin = sent.find((other) => keyOf(other, client.path) === key);
    const name = String(parameter['name']);
    // A call to the path has a value for each of its parameters.
    const isSent = twin?.['required'] === true || parameter['in'] === 'path';
    if (parameter['required'] === true && !isSent) return `400 without ${name}`;
    if (twin === undefined) continue;
    const refused = firstRefused(schemaOf(twin), schemaOf(parameter));
    if (refused !== undefined) return `400 for ${name} = ${refused}`;
    for (const value of instancesOf(schemaOf(twin))) {
      const [was, is] = [onTheWire(twin, value), onTheWire(parameter, value)];
      if (was !== is) return `${was} is sent and ${is} is read`;
    }
  }
  return undefined;
}

function parametersOf({ document, path, op }: Called): Json[] {
  const item = isJson(document['paths']) ? document['paths'][path] : undefined;
  return [...list(isJson(item) ? item['parameters'] : []), ...list(op['parameters'])];
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);

/** What identifies a parameter on the wire: in the path, its position. */
function keyOf({ name, in: place }: Json, path: string): string {
  const names = [...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1]);
  if (place === 'path') return `path ${names.indexOf(String(name))}`;
  return `${place} ${place === 'header' ? String(name).toLowerCase() : name}`;
}

function schemaOf({ schema, content }: Json): unknown {
  const [media] = isJson(content) ? Object.values(content) : [];
  return schema ?? (isJson(media) ? media['schema'] : undefined) ?? {};
}

/** A value as RFC 6570 and OpenAPI's styles write it. */
function onTheWire(parameter: Json, value: unknown): string {
  const { in: place, content } = parameter;
  const name = place === 'header' || place === 'path' ? '' : String(parameter['name']);
  if (content !== undefined) return `${name}=${JSON.stringify(value)}`;
  const style = String(parameter['style'] ?? (name === '' ? 'simple' : 'form'));
  const explode = parameter['explode'] ?? style === 'form';
  const parts = Array.isArray(value)
    ? value.map(String)
    : isJson(value)
      ? Object.entries(value).map(([key, it]) => (explode ? `${key}=${it}` : `${key},${it}`))
      : [String(value)];
  const own = isJson(value) && explode ? '' : `${name}=`;
  switch (style) {
    case 'label':
      return `.${parts.join(explode ? '.' : ',')}`;
    case 'matrix':
      return `;${parts.join(explode ? ';' : ',')}`;
    case 'deepObject':
      return parts.map((part) => `${name}[${part}]`).join('&');
    case 'spaceDelimited':
      return `${own}${parts.join('%20')}`;
    case 'pipeDelimited':
      return `${own}${parts.join('|')}`;
    case 'form':
      return explode ? parts.map((part) => `${own}${part}`).join('&') : `${own}${parts.join(',')}`;
    default:
      return parts.join(',');
  }
}
