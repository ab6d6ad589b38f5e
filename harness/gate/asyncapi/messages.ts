import { isJson, type Node } from '../json-schema/document.ts';
import { flatten } from '../json-schema/flatten.ts';
import { incompatibilities } from '../json-schema/incompatibilities.ts';
import type { Path } from '../sources/position.ts';
import type { Direction, Message } from './uses.ts';

/** One message that the other side does not accept. */
export interface MessageProblem {
  readonly rule: string;
  readonly what: string;
  readonly fix: string;
  readonly path: Path;
  readonly certain: boolean;
}

const FIXES = {
  send: 'keep the documented message: add a new message or a new version of the protocol',
  receive: 'keep accepting the old messages: make the addition optional',
};

/** Problems of old receivers with the messages that are sent now. */
export function sentProblems(
  known: readonly Message[],
  sent: readonly Message[],
  open: boolean,
): MessageProblem[] {
  return sent.flatMap((message) => {
    const twin = twinOf(message, known);
    const problems = twin && messageProblems(twin, message, 'send', open);
    if (problems?.length === 0 || takenByAny(message, known)) return [];
    if (problems !== undefined) return problems;
    if (open) return [];
    return [
      {
        rule: 'message-added',
        what: `${message.name} is sent, which the other side does not know`,
        fix: 'send it only to clients that request it: on a new channel, or after a new subscription option',
        path: message.node.path,
        certain: true,
      },
    ];
  });
}

/** Problems of the new version with the messages that the other side sends. */
export function receivedProblems(
  sent: readonly Message[],
  taken: readonly Message[],
  path: Path,
): MessageProblem[] {
  return sent.flatMap((message) => {
    const twin = twinOf(message, taken);
    const problems = twin && messageProblems(twin, message, 'receive', false);
    if (problems?.length === 0 || takenByAny(message, taken)) return [];
    if (problems !== undefined) return problems;
    return [
      {
        rule: 'message-removed',
        what: `${message.name} is no longer accepted`,
        fix: `keep accepting ${message.name} until it is no longer sent`,
        path,
        certain: true,
      },
    ];
  });
}

/** The same message in the other version: by its name, or by the constant that identifies it. */
function twinOf(message: Message, others: readonly Message[]): Message | undefined {
  const named = others.find(({ name }) => name === message.name);
  if (named !== undefined) return named;
  const kind = kindOf(message);
  return kind === undefined ? undefined : others.find((other) => kindOf(other) === kind);
}

function kindOf({ payload, foreign }: Message): string | undefined {
  if (payload === undefined || foreign) return undefined;
  for (const [name, property] of flatten(payload).properties) {
    const { values } = flatten(property);
    if (values?.length === 1) return `${name} ${JSON.stringify(values[0])}`;
  }
  return undefined;
}

/** Names are not on the wire: a message is accepted if any alternative accepts it. */
function takenByAny(message: Message, receivers: readonly Message[]): boolean {
  const { payload, foreign } = message;
  if (payload === undefined || foreign) return false;
  const fitting = receivers.filter(
    (it) => it.payload !== undefined && !it.foreign && frameProblems(it, message).length === 0,
  );
  const [first] = fitting;
  if (first?.payload === undefined) return false;
  const anyOf = fitting.map((it) => it.payload?.json);
  const all: Node = { ...first.payload, json: { anyOf } };
  return incompatibilities(all, payload, { open: false }, 'the message').length === 0;
}

/** Why one version of a message does not accept the other one. */
export function messageProblems(
  receiver: Message,
  sender: Message,
  direction: Direction,
  open: boolean,
): MessageProblem[] {
  const newer = direction === 'send' ? sender : receiver;
  const [read, written] = [receiver.payload, sender.payload];
  const payload =
    read === undefined || written === undefined || receiver.foreign || sender.foreign
      ? []
      : incompatibilities(read, written, { open }, 'the message');
  const newSide = direction === 'send' ? 'sender' : 'receiver';
  const refused = [...payload, ...headerRefusals(receiver, sender, open)].map((refusal) => ({
    rule: `${direction}-${refusal.rule}`,
    what: `in ${newer.name}, ${refusal.what}`,
    fix: FIXES[direction],
    path: refusal.in === newSide ? refusal.path : newer.node.path,
    certain: refusal.certain,
  }));
  return [...contentTypeProblem(receiver, sender, newer), ...refused];
}

/** Problems with the headers and the content type. */
const frameProblems = (receiver: Message, sender: Message): readonly unknown[] => [
  ...contentTypeProblem(receiver, sender, sender),
  ...headerRefusals(receiver, sender, false),
];

function headerRefusals(receiver: Message, sender: Message, open: boolean) {
  const { headers } = receiver;
  if (headers === undefined || (isJson(headers.json) && 'schemaFormat' in headers.json)) return [];
  const none: Node = { ...headers, json: { type: 'object' } };
  return incompatibilities(headers, sender.headers ?? none, { open }, 'its headers');
}

const essence = (contentType: string): string => contentType.split(';')[0]?.trim() ?? '';

function contentTypeProblem(receiver: Message, sender: Message, newer: Message): MessageProblem[] {
  const [read, written] = [receiver.contentType, sender.contentType];
  if (read === undefined || written === undefined || essence(read) === essence(written)) return [];
  const older = newer === sender ? receiver : sender;
  return [
    {
      rule: 'content-type-changed',
      what: `${newer.name} went from ${older.contentType} to ${newer.contentType}`,
      fix: 'keep the content type, or use a new channel',
      path: newer.node.path,
      certain: true,
    },
  ];
}
