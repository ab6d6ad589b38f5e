import { GateError } from '../error.ts';
import { BudgetError } from '../json-schema/budget.ts';
import { child, isJson, type Node, type SchemaDocument } from '../json-schema/document.ts';
import { incompatibilities } from '../json-schema/incompatibilities.ts';
import type { Incompatibility } from '../json-schema/incompatibility.ts';
import type { Path } from '../sources/position.ts';
import { addressProblem, sameAddress } from './addresses.ts';
import { receivedProblems, sentProblems } from './messages.ts';
import { type Direction, type Use, usesOf } from './uses.ts';

/** A problem of the other side of a channel. */
export interface ChannelProblem {
  readonly rule: string;
  readonly channel: string;
  readonly direction: Direction;
  readonly what: string;
  readonly fix: string;
  /** In the new document. */
  readonly path: Path;
  readonly certain: boolean;
}

/** Compares two versions of a document by channel, in the direction of each use. */
export function channelProblems(before: SchemaDocument, after: SchemaDocument): ChannelProblem[] {
  const [old, now] = [usesOf(before), usesOf(after)];
  const open = isJson(before.root['info']) && before.root['info']['x-open-sets'] === true;
  let isOver = false;
  // What one channel cannot say does not hide the others; time that is over ends them all.
  const readableProblems = (use: Use): ChannelProblem[] => {
    if (isOver) return [];
    try {
      return useProblems(use, old, now, open);
    } catch (error) {
      if (!(error instanceof GateError)) throw error;
      isOver = error instanceof BudgetError;
      const { direction, address } = use;
      const fix = error.fix ?? 'correct the document';
      const what = isOver ? `${error.message}: what follows was not compared` : error.message;
      const place = { channel: address, direction, path: ['channels'] };
      return [{ rule: 'unreadable', ...place, what, fix, certain: false }];
    }
  };
  return distinct(old.flatMap(readableProblems));
}

function useProblems(
  use: Use,
  old: readonly Use[],
  now: readonly Use[],
  open: boolean,
): ChannelProblem[] {
  const { direction, address } = use;
  const isTwin = (other: Use): boolean =>
    other.direction === direction && sameAddress(other.address, address);
  const twins = now.filter(isTwin);
  const [twin] = twins;
  const problem = { channel: address, direction, certain: true };
  if (twin === undefined) return [gone(use, now)];
  const known = old.filter(isTwin).flatMap(({ messages }) => messages);
  const messages = twins.flatMap((other) => other.messages);
  const found =
    direction === 'send'
      ? sentProblems(known, messages, open)
      : receivedProblems(use.messages, messages, twin.node.path);
  return [
    ...addressProblem(use, twins),
    ...handshakeProblems(use.channel, twin.channel),
    ...found,
  ].map((it) => ({ ...problem, ...it }));
}

function gone({ name, direction, address }: Use, now: readonly Use[]): ChannelProblem {
  const moved = now.find((other) => other.name === name && other.direction === direction);
  const problem = { channel: address, direction, certain: true };
  if (moved !== undefined) {
    return {
      ...problem,
      rule: 'address-changed',
      what: `its address went from ${address} to ${moved.address}`,
      fix: 'serve both addresses until the other side has moved',
      path: moved.node.path,
    };
  }
  return {
    ...problem,
    rule: 'operation-removed',
    what: `it is no longer ${direction === 'send' ? 'sent' : 'received'} on`,
    fix: 'keep the operation until the other side no longer uses it',
    path: ['operations'],
  };
}

const HANDSHAKE_FIX = 'make it optional, with a default for clients that do not send it';

/** A WebSocket begins with a request: its required fields apply to clients of every direction. */
function handshakeProblems(was: Node | undefined, is: Node | undefined) {
  return (['query', 'headers'] as const).flatMap((place) => {
    const [sent, taken] = [was, is].map((channel) => bindingOf(channel, place));
    if (taken === undefined || is === undefined) return [];
    const nothing: Node = { ...taken, json: { type: 'object' } };
    const refused = incompatibilities(
      taken,
      sent ?? nothing,
      { open: false },
      `the handshake's ${place}`,
    );
    return refused.map(({ rule, what, path, certain }: Incompatibility) => ({
      rule: `handshake-${rule}`,
      what,
      fix: HANDSHAKE_FIX,
      path,
      certain,
    }));
  });
}

function bindingOf(channel: Node | undefined, place: string): Node | undefined {
  const bindings = channel && child(channel, 'bindings');
  const ws = bindings && child(bindings, 'ws');
  return ws && child(ws, place);
}

/** Several operations of one direction on one channel see the same problem. */
function distinct(problems: readonly ChannelProblem[]): ChannelProblem[] {
  return [
    ...new Map(
      problems.map((it) => [[it.rule, it.channel, it.direction, it.what].join('\n'), it]),
    ).values(),
  ];
}
