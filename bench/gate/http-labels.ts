import { isJson, type Json } from '../../harness/gate/json-schema/document.ts';
import { oneWay, written } from './dialect.ts';
import { firstRefused } from './instances.ts';
import { type Called, refusedParameter } from './parameter-labels.ts';
import { tolerant } from './tolerant.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/**
 * Runs a client of the old document against a server of the new one: routes every old call, sends
 * its credentials with generated parameters and bodies, and reads generated responses. Returns the
 * first exchange that fails.
 */
export function httpCounterexample(before: Json, after: Json): string | undefined {
  const [client, server] = [written(before), written(after)];
  for (const call of callsOf(client)) {
    const at = `${call.method} ${call.base}${call.path}`;
    const served = route(server, call);
    if (served === undefined) return `${at}: 404`;
    const failure =
      refusedCredentials(call, served) ??
      refusedParameter(call, served) ??
      refusedBody(call.op, served.op) ??
      unreadResponse(client, call.op, served.op);
    if (failure !== undefined) return `${at}: ${failure}`;
  }
  return undefined;
}

const part = (json: unknown, key: string): Json => {
  const value = isJson(json) ? json[key] : undefined;
  return isJson(value) ? value : {};
};

interface Call extends Called {
  readonly method: string;
  /** Of a server's address; without a slash at its end. */
  readonly base: string;
}

function* callsOf(document: Json): Generator<Call> {
  for (const [path, item] of Object.entries(part(document, 'paths'))) {
    for (const method of METHODS) {
      if (!isJson(item) || !isJson(item[method])) continue;
      const op = item[method];
      const servers = op['servers'] ?? item['servers'] ?? document['servers'];
      for (const base of basesOf(servers)) yield { document, path, method, op, base };
    }
  }
}

function basesOf(servers: unknown): string[] {
  const list = Array.isArray(servers) && servers.length > 0 ? servers.filter(isJson) : [{}];
  return list.map((server: Json) => {
    const url = String(server['url'] ?? '/').replaceAll(/\{([^}]*)\}/g, (_, name: string) =>
      String(part(server['variables'], name)['default']),
    );
    return new URL(url, 'http://localhost/').pathname.replace(/\/$/, '');
  });
}

/** The server sees a path, not the names of its parameters. */
function route(server: Json, { base, path, method }: Call): Call | undefined {
  const called = `${base}${path.replaceAll(/\{[^}]*\}/g, 'value')}`;
  return callsOf(server).find((served) => {
    const template = `${served.base}${served.path}`;
    const pattern = new RegExp(`^${template.replaceAll(/\{[^}]*\}/g, '[^/]+')}$`);
    return served.method === method && pattern.test(called);
  });
}

function refusedCredentials(client: Called, server: Called): string | undefined {
  const asked = ({ document, op }: Called): Json[] => {
    const list = op['security'] ?? document['security'];
    const all = Array.isArray(list) && list.length > 0 ? list.filter(isJson) : [{}];
    return all.map((one) => byMechanism(document, one));
  };
  const passes = (shown: Json, needed: Json): boolean =>
    Object.entries(needed).every(([name, scopes]) => {
      const has = shown[name];
      return Array.isArray(has) && (scopes as unknown[]).every((scope) => has.includes(scope));
    });
  const accepted = asked(server);
  const refused = asked(client).find((shown) => !accepted.some((one) => passes(shown, one)));
  return refused === undefined ? undefined : `401 for ${JSON.stringify(refused)}`;
}

/** A scheme's name is in the document only; what it does is on the wire. */
function byMechanism(document: Json, alternative: Json): Json {
  const schemes = part(part(document, 'components'), 'securitySchemes');
  return Object.fromEntries(
    Object.entries(alternative).map(([name, scopes]) => {
      const { description: _, ...mechanism } = part(schemes, name);
      return [Object.keys(mechanism).length === 0 ? name : JSON.stringify(mechanism), scopes];
    }),
  );
}

/** `application/json` of `application/json; charset=utf-8`. */
const essence = (mediaType: string): string => (mediaType.split(';')[0] ?? '').trim().toLowerCase();

function includes(range: string, mediaType: string): boolean {
  const [wide, own] = [range, mediaType].map(essence);
  return (
    wide === own || wide === '*/*' || (wide ?? '').replace(/\*$/, '') === `${own?.split('/')[0]}/`
  );
}

const entryFor = (content: Json, mediaType: string): unknown =>
  Object.entries(content).find(([range]) => includes(range, mediaType))?.[1];

function refusedBody(operation: Json, op: Json): string | undefined {
  const [sent, taken] = [operation['requestBody'], op['requestBody']];
  if (!isJson(taken)) return undefined;
  const always = isJson(sent) && sent['required'] === true;
  if (taken['required'] === true && !always) return '400 without a body';
  const accepted = part(taken, 'content');
  for (const [mediaType, media] of Object.entries(part(sent, 'content'))) {
    const entry = entryFor(accepted, mediaType);
    if (!isJson(entry)) return `415 for ${mediaType}`;
    const refused = firstRefused(
      oneWay(part(media, 'schema'), 'readOnly', 'sent'),
      oneWay(part(entry, 'schema'), 'readOnly', 'taken'),
    );
    if (refused !== undefined) return `400 for ${refused}`;
  }
  return undefined;
}

function unreadResponse(client: Json, operation: Json, op: Json): string | undefined {
  const open = part(client, 'info')['x-open-sets'] === true;
  const expected = part(operation, 'responses');
  const succeeds = (responses: Json): boolean =>
    Object.keys(responses).some((status) => status.startsWith('2') || status === 'default');
  if (succeeds(expected) && !succeeds(part(op, 'responses'))) return 'no answer is a success';
  for (const [status, response] of Object.entries(part(op, 'responses'))) {
    const known = expected[status] ?? expected[`${status[0]}XX`] ?? expected['default'];
    if (!isJson(known)) return `the client knows no ${status}`;
    const failure = unreadHeaders(known, response) ?? unreadBody(known, response, open);
    if (failure !== undefined) return `in ${status}, ${failure}`;
  }
  return undefined;
}

function unreadHeaders(known: Json, response: unknown): string | undefined {
  const sent = new Map(
    Object.entries(part(response, 'headers')).map(([name, it]) => [name.toLowerCase(), it]),
  );
  for (const [name, header] of Object.entries(part(known, 'headers'))) {
    const now = sent.get(name.toLowerCase());
    const needed = isJson(header) && header['required'] === true;
    if (needed && !(isJson(now) && now['required'] === true)) return `${name} may be missing`;
    if (!isJson(now)) continue;
    const refused = firstRefused(part(now, 'schema'), part(header, 'schema'));
    if (refused !== undefined) return `${name} is ${refused}`;
  }
  return undefined;
}

/** The client asks for each media type that it reads, and may be answered in any of a range. */
function unreadBody(known: Json, response: unknown, open: boolean): string | undefined {
  const sent = Object.entries(part(response, 'content'));
  for (const [mediaType, media] of Object.entries(part(known, 'content'))) {
    const answers = sent.filter(([own]) => includes(mediaType, own));
    if (answers.length === 0) return `406 for ${mediaType}`;
    const reads = oneWay(part(media, 'schema'), 'writeOnly', 'taken');
    for (const [, answer] of answers) {
      const writes = oneWay(part(answer, 'schema'), 'writeOnly', 'sent');
      const refused = firstRefused(writes, open ? tolerant(reads) : reads);
      if (refused !== undefined) return refused;
    }
  }
  return undefined;
}
