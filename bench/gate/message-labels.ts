import { isJson, type Json } from '../../harness/gate/json-schema/document.ts';
import { written } from './dialect.ts';
import { firstRefused, instancesOf, validatorOf } from './instances.ts';
import { tolerant } from './tolerant.ts';

type Action = 'send' | 'receive';
interface Use {
  readonly action: Action;
  readonly channel: Json;
  readonly frames: readonly Frame[];
}
/** A message on the wire, which does not carry its name. */
interface Frame {
  readonly payload: unknown;
  readonly headers: unknown;
  readonly contentType: unknown;
}

/**
 * Runs clients of the old document against a service of the new one, with generated messages: each
 * old address must exist, and each side must accept what the other sends. Returns the first
 * failure.
 */
export function messageCounterexample(before: Json, after: Json): string | undefined {
  const [client, service] = [usesOf(written(before)), usesOf(written(after))];
  const open = isJson(before['info']) && before['info']['x-open-sets'] === true;
  for (const old of client) {
    for (const address of addressesOf(old.channel)) {
      const now = service.filter(
        ({ action, channel }) => action === old.action && serves(channel, address),
      );
      const [first] = now;
      if (first === undefined) return `no operation to ${old.action} on ${address}`;
      const frames = now.flatMap((use) => use.frames);
      const failure =
        refusedHandshake(old.channel, first.channel) ??
        (old.action === 'receive'
          ? unread(old.frames, frames, false)
          : unread(frames, old.frames, open));
      if (failure !== undefined) return `${old.action} on ${address}: ${failure}`;
    }
  }
  return undefined;
}

/** Operations, and their replies. */
function usesOf(document: Json): Use[] {
  if (String(document['asyncapi']).startsWith('2.')) return usesOfVersion2(document);
  const operations = isJson(document['operations']) ? document['operations'] : {};
  return Object.values(operations)
    .filter(isJson)
    .flatMap((operation) => {
      const action = operation['action'] as Action;
      const own = useOf(document, action, operation, operation['channel'] as Json);
      const { reply } = operation;
      if (!isJson(reply)) return [own];
      const back = action === 'send' ? 'receive' : 'send';
      const channel = isJson(reply['channel']) ? reply['channel'] : own.channel;
      return [own, useOf(document, back, reply, channel)];
    });
}

/** In version 2, clients subscribe to what the service sends, and publish what it receives. */
function usesOfVersion2(document: Json): Use[] {
  const channels = isJson(document['channels']) ? document['channels'] : {};
  return Object.entries(channels).flatMap(([address, item]) =>
    (['subscribe', 'publish'] as const).flatMap((verb) => {
      const operation = isJson(item) ? item[verb] : undefined;
      if (!isJson(item) || !isJson(operation)) return [];
      const message = isJson(operation['message']) ? operation['message'] : {};
      const messages = Array.isArray(message['oneOf']) ? message['oneOf'] : [message];
      const parameters = Object.entries(isJson(item['parameters']) ? item['parameters'] : {});
      const channel = {
        ...item,
        address,
        parameters: Object.fromEntries(
          parameters.map(([name, it]) => [name, isJson(it) ? (it['schema'] ?? it) : it]),
        ),
      };
      const action = verb === 'subscribe' ? 'send' : 'receive';
      return [useOf(document, action, { messages }, channel)];
    }),
  );
}

function useOf(document: Json, action: Action, owner: Json, channel: Json): Use {
  const listed = owner['messages'] ?? Object.values(channel['messages'] as Json);
  const frames = (listed as Json[]).map((message) => {
    const traits = Array.isArray(message['traits']) ? message['traits'].filter(isJson) : [];
    const { payload, headers, contentType } = Object.assign({}, ...traits, message) as Json;
    return { payload, headers, contentType: contentType ?? document['defaultContentType'] };
  });
  return { action, channel, frames };
}

const parameterOf = ({ parameters }: Json, name: string): Json => {
  const found = isJson(parameters) ? parameters[name] : undefined;
  return isJson(found) ? found : {};
};

/** The addresses that clients use: with every value of a parameter's enum, or with any text. */
function addressesOf(channel: Json): string[] {
  const template = String(channel['address']);
  return [...template.matchAll(/\{([^}]*)\}/g)].reduce<string[]>(
    (addresses, [placeholder, name = '']) => {
      const { enum: values } = parameterOf(channel, name);
      const known = Array.isArray(values) ? values.map(String) : ['value'];
      return addresses.flatMap((it) => known.map((value) => it.replace(placeholder, value)));
    },
    [template],
  );
}

function serves(channel: Json, address: string): boolean {
  const pattern = String(channel['address']).replaceAll(/\{([^}]*)\}/g, (_, name: string) => {
    const { enum: values } = parameterOf(channel, name);
    return Array.isArray(values) ? `(?:${values.join('|')})` : '[^/]+';
  });
  return new RegExp(`^${pattern}$`).test(address);
}

function refusedHandshake(old: Json, now: Json): string | undefined {
  for (const place of ['query', 'headers']) {
    const [sent, taken] = [old, now].map(({ bindings }) => {
      const ws = isJson(bindings) && isJson(bindings['ws']) ? bindings['ws'] : {};
      return ws[place];
    });
    if (taken === undefined) continue;
    const refused = firstRefused(sent ?? { const: {} }, taken);
    if (refused !== undefined) return `the handshake is refused with ${place} ${refused}`;
  }
  return undefined;
}

/** The first frame that no receiver accepts. */
function unread(
  sent: readonly Frame[],
  known: readonly Frame[],
  open: boolean,
): string | undefined {
  const receivers = known.map(({ payload, headers, contentType }) => ({
    payload: validatorOf(open ? tolerant(payload) : payload),
    headers: validatorOf(headers),
    contentType,
  }));
  const kinds = new Set(known.map(kindOf));
  for (const { payload, headers, contentType } of sent) {
    const isNewKind = !kinds.has(kindOf({ payload }));
    for (const value of instancesOf(payload)) {
      for (const carried of headers === undefined ? [{}] : instancesOf(headers)) {
        const taken = receivers.some(
          (it) =>
            (it.contentType ?? contentType) === (contentType ?? it.contentType) &&
            it.payload(value) &&
            it.headers(carried),
        );
        if (taken || (open && isNewKind)) continue;
        return `${JSON.stringify(value)} with ${JSON.stringify(carried)} as ${contentType}`;
      }
    }
  }
  return undefined;
}

/** Clients that ignore unknown messages distinguish kinds of messages by a constant. */
function kindOf({ payload }: Pick<Frame, 'payload'>): string {
  const properties = isJson(payload) && isJson(payload['properties']) ? payload['properties'] : {};
  const constant = Object.values(properties).find((it) => isJson(it) && 'const' in it);
  return JSON.stringify(constant ?? payload);
}
