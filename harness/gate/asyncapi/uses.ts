import {
  child,
  children,
  isJson,
  type Json,
  type Node,
  type SchemaDocument,
} from '../json-schema/document.ts';

export type Direction = 'send' | 'receive';

/** One direction of one channel, used by an operation or by its reply. */
export interface Use {
  /** Name of the operation, which is not on the wire. */
  readonly name: string;
  readonly direction: Direction;
  readonly address: string;
  readonly node: Node;
  readonly channel: Node | undefined;
  readonly messages: readonly Message[];
}

/** A message with its traits; on the wire it is its payload, headers and content type. */
export interface Message {
  readonly name: string;
  readonly node: Node;
  readonly payload: Node | undefined;
  readonly headers: Node | undefined;
  readonly contentType: string | undefined;
  /** Its payload has another format, such as Avro, which another check compares. */
  readonly foreign: boolean;
}

/** Every operation of a document, and the replies of operations. */
export function usesOf(document: SchemaDocument): Use[] {
  if (String(document.root['asyncapi']).startsWith('2.')) return usesOfVersion2(document);
  return children(child(document.top, 'operations')).flatMap(([name, node]) => {
    const direction = child(node, 'action')?.json === 'send' ? 'send' : 'receive';
    const own = useOf(document, name, direction, node);
    const reply = child(node, 'reply');
    if (reply === undefined) return [own];
    const back = direction === 'send' ? 'receive' : 'send';
    return [own, useOf(document, `${name} (reply)`, back, reply, own.channel)];
  });
}

/** In version 2, clients subscribe to what the service sends, and publish what it receives. */
function usesOfVersion2(document: SchemaDocument): Use[] {
  return children(child(document.top, 'channels')).flatMap(([address, channel]) =>
    (['subscribe', 'publish'] as const).flatMap((verb): Use[] => {
      const node = child(channel, verb);
      if (node === undefined) return [];
      const message = child(node, 'message');
      const listed = message && child(message, 'oneOf');
      const all = listed === undefined ? (message === undefined ? [] : [message]) : nodesOf(listed);
      const { json } = child(node, 'operationId') ?? { json: `${verb} ${address}` };
      return [
        {
          name: String(json),
          direction: verb === 'subscribe' ? 'send' : 'receive',
          address,
          node,
          channel,
          messages: all.map((it, index) => messageOf(document, String(index), it)),
        },
      ];
    }),
  );
}

const nodesOf = (list: Node): Node[] => children(list).map(([, node]) => node);

function useOf(
  document: SchemaDocument,
  name: string,
  direction: Direction,
  node: Node,
  fallback?: Node,
): Use {
  const channel = child(node, 'channel') ?? fallback;
  const address = channel === undefined ? undefined : child(channel, 'address')?.json;
  const listed = child(node, 'messages') ?? (channel && child(channel, 'messages'));
  return {
    name,
    direction,
    address: String(address ?? channel?.path.at(-1) ?? name),
    node,
    channel,
    messages: children(listed).map(([key, message]) => messageOf(document, key, message)),
  };
}

function messageOf(document: SchemaDocument, key: string, own: Node): Message {
  const node = withTraits(own);
  const json = isJson(node.json) ? node.json : {};
  const payload = child(node, 'payload');
  const contentType = json['contentType'] ?? document.root['defaultContentType'];
  return {
    name: nameOf(json, String(own.path.at(-1) ?? key)),
    node,
    payload,
    headers: child(node, 'headers'),
    contentType: typeof contentType === 'string' ? contentType : undefined,
    foreign: isForeign(json, payload),
  };
}

/** An alternative of version 2 that is written in place has no name but its position. */
function nameOf({ name, messageId }: Json, key: string): string {
  const known = [name, messageId].find((it) => typeof it === 'string');
  if (typeof known === 'string') return known;
  return /^\d+$/.test(key) ? `message ${Number(key) + 1}` : key;
}

/** Version 3 names another format next to the payload's schema, version 2 in the message. */
function isForeign({ schemaFormat }: Json, payload: Node | undefined): boolean {
  if (isJson(payload?.json) && 'schemaFormat' in payload.json) return true;
  return typeof schemaFormat === 'string' && !/asyncapi|schema\+(json|yaml)/.test(schemaFormat);
}

/** Traits provide the properties that the message does not have. */
function withTraits(node: Node): Node {
  const traits = children(child(node, 'traits')).map(([, trait]) => trait.json);
  if (traits.length === 0 || !isJson(node.json)) return node;
  return { ...node, json: [...traits, node.json].filter(isJson).reduce(patched) };
}

function patched(target: Json, patch: Json): Json {
  const entries = Object.entries(patch).map(([key, value]) => {
    const known = target[key];
    return [key, isJson(known) && isJson(value) ? patched(known, value) : value];
  });
  return { ...target, ...Object.fromEntries(entries) };
}
