import { isJson, type Json, type Node, SchemaDocument } from '../json-schema/document.ts';
import { inlined } from '../json-schema/inline.ts';
import { instancesOf, validatorOf } from './instances.ts';
import { tolerant } from './tolerant.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/**
 * Plays a client of the old document against a server of the new one: routes every old call,
 * shows its credentials, sends generated parameters and bodies, and lets the client read generated
 * responses. Gives the first exchange that fails.
 */
export function httpCounterexample(before: Json, after: Json): string | undefined {
  const [client, server] = [written(before), written(after)];
  for (const [path, method, operation] of callsOf(client)) {
    const served = route(server, path, method);
    if (served === undefined) return `${method} ${path}: 404`;
    const failure =
      refusedCredentials(client, operation, server, served) ??
      refusedParameters(client, path, operation, server, served) ??
      refusedBody(operation, served) ??
      unreadResponse(client, operation, served);
    if (failure !== undefined) return `${method} ${path}: ${failure}`;
  }
  return undefined;
}

function written(document: Json): Json {
  const node: Node = new SchemaDocument(JSON.stringify(document), 'a case').top;
  return inlined(node) as Json;
}

const part = (json: unknown, key: string): Json => {
  const value = isJson(json) ? json[key] : undefined;
  return isJson(value) ? value : {};
};

function* callsOf(document: Json): Generator<[string, string, Json]> {
  for (const [path, item] of Object.entries(part(document, 'paths'))) {
    for (const method of METHODS) {
      if (isJson(item) && isJson(item[method])) yield [path, method, item[method]];
    }
  }
}

/** The server sees a path, not the names of its parameters. */
function route(server: Json, path: string, method: string): { path: string; op: Json } | undefined {
  const called = path.replaceAll(/\{[^}]*\}/g, 'value');
  for (const [template, own, op] of callsOf(server)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{[^}]*\}/g, '[^/]+')}$`);
    if (own === method && pattern.test(called)) return { path: template, op };
  }
  return undefined;
}

interface Served {
  readonly path: string;
  readonly op: Json;
}

function refusedCredentials(
  client: Json,
  operation: Json,
  server: Json,
  { op }: Served,
): string | undefined {
  const asked = (document: Json, own: Json): Json[] => {
    const list = own['security'] ?? document['security'];
    return Array.isArray(list) && list.length > 0 ? list.filter(isJson) : [{}];
  };
  const passes = (shown: Json, needed: Json): boolean =>
    Object.entries(needed).every(([name, scopes]) => {
      const has = shown[name];
      return Array.isArray(has) && (scopes as unknown[]).every((scope) => has.includes(scope));
    });
  const doors = asked(server, op);
  const shut = asked(client, operation).find((shown) => !doors.some((door) => passes(shown, door)));
  return shut === undefined ? undefined : `401 for ${JSON.stringify(shut)}`;
}

function parametersOf(document: Json, path: string, op: Json): Json[] {
  const shared = part(part(document, 'paths'), path)['parameters'];
  return [...list(shared), ...list(op['parameters'])];
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);

function refusedParameters(
  client: Json,
  path: string,
  operation: Json,
  server: Json,
  served: Served,
): string | undefined {
  const sent = parametersOf(client, path, operation);
  const positions = (template: string): string[] =>
    [...template.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? '');
  for (const parameter of parametersOf(server, served.path, served.op)) {
    const { name, in: place } = parameter;
    const position = positions(served.path).indexOf(String(name));
    const twin = sent.find((other) =>
      place === 'path'
        ? other['in'] === 'path' && positions(path).indexOf(String(other['name'])) === position
        : other['in'] === place && other['name'] === name,
    );
    const needed = parameter['required'] === true;
    if (needed && twin?.['required'] !== true) return `400 without ${String(name)}`;
    if (twin === undefined) continue;
    const refused = firstRefused(twin['schema'], parameter['schema']);
    if (refused !== undefined) return `400 for ${String(name)} = ${refused}`;
  }
  return undefined;
}

function firstRefused(sender: unknown, receiver: unknown): string | undefined {
  const accepts = validatorOf(receiver);
  const values = instancesOf(sender);
  if (values.length === 0) throw new Error(`no instance of ${JSON.stringify(sender)}`);
  const refused = values.find((value) => !accepts(value));
  return refused === undefined ? undefined : JSON.stringify(refused);
}

function refusedBody(operation: Json, { op }: Served): string | undefined {
  const [sent, taken] = [operation['requestBody'], op['requestBody']];
  if (!isJson(taken)) return undefined;
  const always = isJson(sent) && sent['required'] === true;
  if (taken['required'] === true && !always) return '400 without a body';
  const accepted = part(taken, 'content');
  for (const [mediaType, media] of Object.entries(part(sent, 'content'))) {
    const entry = accepted[mediaType];
    if (!isJson(entry)) return `415 for ${mediaType}`;
    const refused = firstRefused(part(media, 'schema'), part(entry, 'schema'));
    if (refused !== undefined) return `400 for ${refused}`;
  }
  return undefined;
}

function unreadResponse(client: Json, operation: Json, { op }: Served): string | undefined {
  const open = part(client, 'info')['x-open-sets'] === true;
  const expected = part(operation, 'responses');
  for (const [status, response] of Object.entries(part(op, 'responses'))) {
    const known = expected[status] ?? expected[`${status[0]}XX`] ?? expected['default'];
    if (!isJson(known)) return `the client knows no ${status}`;
    const failure = unreadHeaders(known, response) ?? unreadBody(known, response, open);
    if (failure !== undefined) return `in ${status}, ${failure}`;
  }
  return undefined;
}

function unreadHeaders(known: Json, response: unknown): string | undefined {
  const sent = part(response, 'headers');
  for (const [name, header] of Object.entries(part(known, 'headers'))) {
    const now = sent[name];
    const needed = isJson(header) && header['required'] === true;
    if (needed && !(isJson(now) && now['required'] === true)) return `${name} may be missing`;
    if (!isJson(now)) continue;
    const refused = firstRefused(part(now, 'schema'), part(header, 'schema'));
    if (refused !== undefined) return `${name} is ${refused}`;
  }
  return undefined;
}

/** The client asks for each media type that it reads. */
function unreadBody(known: Json, response: unknown, open: boolean): string | undefined {
  const sent = part(response, 'content');
  for (const [mediaType, media] of Object.entries(part(known, 'content'))) {
    const now = sent[mediaType];
    if (!isJson(now)) return `406 for ${mediaType}`;
    const schema = part(media, 'schema');
    const refused = firstRefused(part(now, 'schema'), open ? tolerant(schema) : schema);
    if (refused !== undefined) return refused;
  }
  return undefined;
}
