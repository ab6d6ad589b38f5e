import {
  child,
  children,
  isJson,
  type Node,
  type SchemaDocument,
} from '../json-schema/document.ts';
import { type Refusal, refusals } from '../json-schema/refusals.ts';
import type { Path } from '../sources/position.ts';

/** What who is on the other side of a channel runs into. */
export interface ChannelProblem {
  readonly rule: string;
  readonly channel: string;
  readonly direction: 'send' | 'receive';
  readonly what: string;
  readonly mend: string;
  /** In the new document. */
  readonly path: Path;
  readonly certain: boolean;
}

interface Operation {
  readonly name: string;
  readonly direction: 'send' | 'receive';
  readonly address: string;
  readonly node: Node;
  readonly messages: ReadonlyMap<string, Node>;
}

/** Both versions of a document, operation by operation, in the direction of each. */
export function channelProblems(before: SchemaDocument, after: SchemaDocument): ChannelProblem[] {
  const now = new Map(operationsOf(after).map((operation) => [operation.name, operation]));
  return operationsOf(before).flatMap((old) => {
    const next = now.get(old.name) ?? sameUse(old, [...now.values()]);
    const problem = { channel: old.address, direction: old.direction, certain: true };
    if (next === undefined) {
      return [
        {
          ...problem,
          rule: 'operation-removed',
          what: `nobody ${old.direction === 'send' ? 'sends' : 'receives'} on it any more`,
          mend: 'keep the operation until the other side has gone',
          path: ['operations'],
        },
      ];
    }
    if (next.address !== old.address) {
      return [
        {
          ...problem,
          rule: 'address-changed',
          what: `its address went from ${old.address} to ${next.address}`,
          mend: 'serve both addresses until the other side has moved',
          path: next.node.path,
        },
      ];
    }
    const open = isOpen(before);
    return old.direction === 'send' ? sent(old, next, open) : received(old, next);
  });
}

/** An operation's name never crosses the wire. */
const sameUse = (old: Operation, all: readonly Operation[]): Operation | undefined =>
  all.find(({ direction, address }) => direction === old.direction && address === old.address);

const isOpen = ({ root }: SchemaDocument): boolean =>
  isJson(root['info']) && root['info']['x-open-sets'] === true;

function operationsOf(document: SchemaDocument): Operation[] {
  return children(child(document.top, 'operations')).map(([name, node]) => {
    const channel = child(node, 'channel');
    const address = channel === undefined ? undefined : child(channel, 'address');
    const listed = child(node, 'messages') ?? (channel && child(channel, 'messages'));
    const messages = children(listed).map(([key, message]) => [nameOf(key, message), message]);
    const direction = child(node, 'action')?.json === 'send' ? 'send' : 'receive';
    return {
      name,
      direction,
      address: String(address?.json ?? name),
      node,
      messages: new Map(messages as Array<[string, Node]>),
    };
  });
}

/** A message is known by its `name`, else by where it is defined. */
function nameOf(key: string, message: Node): string {
  const name = isJson(message.json) ? message.json['name'] : undefined;
  return typeof name === 'string' ? name : String(message.path.at(-1) ?? key);
}

function sent(old: Operation, next: Operation, open: boolean): ChannelProblem[] {
  return [...next.messages].flatMap(([name, message]) => {
    const known = old.messages.get(name);
    if (known === undefined) {
      if (open) return [];
      return [
        {
          rule: 'message-added',
          channel: old.address,
          direction: 'send' as const,
          what: `${name} is sent, which they do not know`,
          mend: 'send it only to those who asked for it, on a new channel or after a new subscription option',
          path: message.path,
          certain: true,
        },
      ];
    }
    return schemaProblems(old, name, known, message, open);
  });
}

function received(old: Operation, next: Operation): ChannelProblem[] {
  return [...old.messages].flatMap(([name, message]) => {
    const known = next.messages.get(name);
    if (known === undefined) {
      return [
        {
          rule: 'message-removed',
          channel: old.address,
          direction: 'receive' as const,
          what: `${name} is no longer accepted`,
          mend: `go on accepting ${name} until nobody sends it`,
          path: next.node.path,
          certain: true,
        },
      ];
    }
    return schemaProblems(old, name, message, known, false);
  });
}

const MENDS = {
  send: 'send what was promised: put what is new in a message of its own, or a new version of the protocol',
  receive: 'accept what was accepted: make the new thing optional',
};

/** `was` and `is` of one message: its payload and its headers, unless they are Avro. */
function schemaProblems(
  { address, direction }: Operation,
  name: string,
  was: Node,
  is: Node,
  open: boolean,
): ChannelProblem[] {
  return ['payload', 'headers'].flatMap((part) => {
    const [old, now] = [schemaOf(was, part), schemaOf(is, part)];
    if (old === undefined || now === undefined) return [];
    const [receiver, sender] = direction === 'send' ? [old, now] : [now, old];
    const place = part === 'payload' ? 'the message' : 'its headers';
    const newSide = direction === 'send' ? 'sender' : 'receiver';
    return refusals(receiver, sender, { open }, place).map((refusal: Refusal) => ({
      rule: `${direction}-${refusal.rule}`,
      channel: address,
      direction,
      what: `in ${name}, ${refusal.what}`,
      mend: MENDS[direction],
      path: refusal.in === newSide ? refusal.path : is.path,
      certain: refusal.certain,
    }));
  });
}

/** A schema of JSON; one with a format of its own (Avro) is another check's. */
function schemaOf(message: Node, part: string): Node | undefined {
  const { json } = message;
  if (!isJson(json) || !isJson(json[part])) return undefined;
  if ('schemaFormat' in json[part]) return undefined;
  return child(message, part);
}
