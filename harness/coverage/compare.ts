import { isContainer } from '../pacts/field-paths.ts';
import {
  ANYBODY,
  describeItem,
  type Item,
  KINDS,
  type Kind,
  keyOf,
  type Ledger,
  OPERATOR,
} from './item.ts';
import type { IsUnread } from './unread.ts';

/** What a comparison reads. */
export interface Sides {
  /** Crossed in a run. */
  readonly seen: Ledger;
  /** Was answered by a provider while contracts were verified. */
  readonly verified: Ledger;
  readonly contracted: Ledger;
  readonly documented: Ledger;
  readonly isUnread: IsUnread;
  /** Why no source shows it; undefined when one does. */
  readonly unobservable: (item: Item) => string | undefined;
}

/** One kind, counted. */
export interface Row {
  readonly kind: Kind;
  /** Seen, but for what no consumer reads. */
  readonly seen: number;
  /** Of those, how many a consumer's contract has. */
  readonly seenContracted: number;
  /** In a contract or a document, and a source shows whether it occurs. */
  readonly contracted: number;
  readonly contractedSeen: number;
  /** Seen, in no contract, and proven to be read by no consumer of the edge. */
  readonly unread: number;
  /** Contracted, and no source shows whether it occurs: neither covered nor a gap. */
  readonly unobserved: number;
}

export interface Gap extends Item {
  /** What is known besides, in a few words. */
  readonly note: string;
}

export interface Comparison {
  readonly rows: readonly Row[];
  readonly seenNotContracted: readonly Gap[];
  readonly contractedNeverSeen: readonly Gap[];
  readonly unread: readonly Item[];
  readonly unobserved: readonly Gap[];
  /** What the harness itself did as an operator: of no edge of the system. */
  readonly outside: readonly Item[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Compares what was seen with what contracts and documents contain, in both directions. */
export function compare(sides: Sides): Comparison {
  const found: Mutable<Comparison> = {
    rows: [],
    seenNotContracted: [],
    contractedNeverSeen: [],
    unread: [],
    unobserved: [],
    outside: sides.seen.all.filter((item) => isOutside(item) && item.kind !== 'errors'),
  };
  for (const kind of KINDS) found.rows.push(compareKind(kind, sides, found));
  for (const list of [
    found.seenNotContracted,
    found.contractedNeverSeen,
    found.unread,
    found.unobserved,
    found.outside,
  ]) {
    list.sort((a, b) => rankOf(a) - rankOf(b) || describeItem(a).localeCompare(describeItem(b)));
  }
  return found;
}

const rankOf = ({ kind }: Item): number => KINDS.indexOf(kind);

const isOutside = ({ consumer }: Item): boolean => consumer === OPERATOR;

function compareKind(kind: Kind, sides: Sides, found: Mutable<Comparison>): Row {
  const { contracted, isUnread } = sides;
  const seen = seenOf(kind, sides);
  const promised = promisedOf(kind, sides);
  const isInner = kind === 'fields' ? innerFields([...seen, ...promised]) : () => true;
  const inContract = new Set(contracted.of(kind).map(keyOf));
  const occurred = occurrences(kind, sides);
  const row = { kind, seen: 0, seenContracted: 0, unread: 0 };
  for (const item of seen.filter(isInner)) {
    if (inContract.has(keyOf(item))) row.seenContracted += 1;
    else if (kind === 'fields' && isUnread(item)) {
      row.unread += 1;
      found.unread.push(item);
      continue;
    } else found.seenNotContracted.push({ ...item, note: noteOfSeen(item, sides) });
    row.seen += 1;
  }
  let contractedSeen = 0;
  let counted = 0;
  let unobserved = 0;
  for (const item of promised.filter(isInner)) {
    const why = sides.unobservable(item);
    if (why !== undefined) {
      unobserved += 1;
      found.unobserved.push({ ...item, note: why });
      continue;
    }
    counted += 1;
    if (occurred(item)) contractedSeen += 1;
    else found.contractedNeverSeen.push({ ...item, note: noteOfPromised(item, inContract, sides) });
  }
  return { ...row, contracted: counted, contractedSeen, unobserved };
}

/** Fields of answers that no run shows are taken from verification; nothing else is. */
const seenOf = (kind: Kind, { seen, verified }: Sides): Item[] => [
  ...seen.of(kind).filter((item) => !isOutside(item)),
  ...(kind === 'fields' ? verified.of(kind).filter((item) => !seen.has(item)) : []),
];

/** What contracts have, and what documents have besides. */
function promisedOf(kind: Kind, { contracted, documented }: Sides): Item[] {
  const own = contracted.of(kind);
  const has = matcher(own);
  return [...own, ...documented.of(kind).filter((item) => !has(item))];
}

/** Anything that occurred, the operator's doings too: they show that an RPC is in use. */
function occurrences(kind: Kind, sides: Sides): (item: Item) => boolean {
  return matcher([...seenOf(kind, sides), ...sides.seen.of(kind).filter(isOutside)]);
}

/** Matches an item; items without a consumer match any consumer. */
function matcher(items: readonly Item[]): (item: Item) => boolean {
  const keys = new Set<string>();
  for (const item of items) {
    keys.add(keyOf(item));
    keys.add(keyOf({ ...item, consumer: ANYBODY }));
    keys.add(keyOf({ ...item, consumer: ANYBODY, provider: ANYBODY, protocol: 'any' }));
  }
  return (item) => keys.has(keyOf(item));
}

function innerFields(fields: readonly Item[]): (item: Item) => boolean {
  const messageOf = ({ name: _, ...message }: Item): string => keyOf(message);
  const byMessage = Map.groupBy(fields, messageOf);
  const paths = new Map(
    [...byMessage].map(([message, of]) => [message, new Set(of.map(({ name = '' }) => name))]),
  );
  return (item) => !isContainer(item.name ?? '', paths.get(messageOf(item)) ?? new Set());
}

function noteOfSeen(item: Item, { documented }: Sides): string {
  if (item.kind === 'fields') return 'no contract asserts it, and nothing proves it unread';
  const inDocument = matcher([item]);
  const isDocumented = documented.of(item.kind).some(inDocument);
  return isDocumented ? 'documented, and in no contract' : 'in no contract and in no document';
}

function noteOfPromised(item: Item, inContract: ReadonlySet<string>, { verified }: Sides): string {
  if (!inContract.has(keyOf(item))) return 'documented only';
  return verified.has(item) ? 'contracted, and seen in verification only' : 'contracted';
}
