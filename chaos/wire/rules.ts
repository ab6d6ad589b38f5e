/**
 * The armed rules of a proxy, indexed by link and operation: an operation that no rule names costs
 * one look-up.
 */
import type { WireHit, WirePoint, WireRelease, WireRule } from '../../harness/links/wire-rules.ts';
import type { AnswerPart, Operation, OperationAttributes, OperationEnd } from './protocol.ts';

/** What a rule is armed for: takes its hits, and is the reason why it may be lifted. */
export interface RuleOwner {
  onHit(hit: WireHit): void;
  /** A rule matched and its action could not be carried out. */
  onFailure(rule: string, reason: string): void;
}

export interface ArmedWireRule {
  readonly id: string;
  readonly rule: WireRule;
  readonly owner: RuleOwner;
  readonly where: readonly (readonly [name: string, value: string])[];
  /** In latin1, as the texts that it is looked for in. */
  readonly contains: readonly string[];
  matches: number;
  hits: number;
}

/** A rule that hit an operation, and what it waits for if it holds it. */
export interface Strike {
  readonly armed: ArmedWireRule;
  readonly hit: WireHit;
  readonly operation: Operation;
  /** Its action could not be carried out: it is reported as a failure, and not as a hit. */
  hasFailed: boolean;
}

export interface Place {
  readonly link: string;
  readonly connection: number;
}

interface Held {
  readonly rule: string;
  readonly resolve: (release: WireRelease) => void;
}

const NONE: readonly ArmedWireRule[] = [];

export class RuleBook {
  readonly #byId = new Map<string, ArmedWireRule>();
  /** By link, point and operation. */
  readonly #index = new Map<string, Record<WirePoint, Map<string, readonly ArmedWireRule[]>>>();
  readonly #struck = new Set<string>();
  readonly #held = new Map<string, Held>();
  #rules = 0;
  #hits = 0;

  get all(): readonly ArmedWireRule[] {
    return [...this.#byId.values()];
  }

  arm(rule: WireRule, owner: RuleOwner): ArmedWireRule {
    this.#rules += 1;
    const contains = (rule.contains ?? []).map((text) => Buffer.from(text).toString('latin1'));
    const where = Object.entries(rule.where ?? {}).map(
      ([name, value]) => [name, String(value)] as const,
    );
    const id = `rule-${this.#rules}`;
    const armed = { id, rule, owner, where, contains, matches: 0, hits: 0 };
    this.#byId.set(armed.id, armed);
    const { link, point, operation } = rule;
    const ofLink = this.#index.get(link) ?? {
      ...{ request: new Map(), answer: new Map(), answered: new Map() },
    };
    this.#index.set(link, ofLink);
    ofLink[point].set(operation, [...(ofLink[point].get(operation) ?? []), armed]);
    return armed;
  }

  /** Removes a rule and forwards what it holds; without effect if there is no such rule. */
  lift(id: string): void {
    const armed = this.#byId.get(id);
    if (!armed) return;
    this.#byId.delete(id);
    const { link, operation, point } = armed.rule;
    const byOperation = this.#index.get(link)?.[point];
    const left = (byOperation?.get(operation) ?? []).filter((other) => other !== armed);
    if (left.length > 0) byOperation?.set(operation, left);
    else byOperation?.delete(operation);
    if (![...this.#byId.values()].some(({ rule }) => rule.link === link)) this.#index.delete(link);
    for (const [hit, { rule }] of this.#held) if (rule === id) this.release(hit, 'forward');
  }

  liftAllOf(owner: RuleOwner): void {
    for (const armed of this.all) if (armed.owner === owner) this.lift(armed.id);
  }

  /** Rules that may act at this point of an operation; empty for nearly every operation. */
  candidates(link: string, operation: string, point: WirePoint): readonly ArmedWireRule[] {
    if (this.#index.size === 0) return NONE;
    return this.#index.get(link)?.[point].get(operation) ?? NONE;
  }

  /** Counts a match: a strike if this occurrence is one that the rule acts on. */
  strike(armed: ArmedWireRule, place: Place, seen: Seen): Strike | undefined {
    const { rule, id } = armed;
    if (rule.after !== undefined && !this.#struck.has(rule.after)) return undefined;
    armed.matches += 1;
    const { occurrence = 1, times = 1 } = rule;
    if (armed.matches < occurrence || armed.hits >= times) return undefined;
    armed.hits += 1;
    this.#hits += 1;
    this.#struck.add(id);
    const hit: WireHit = {
      id: `hit-${this.#hits}`,
      rule: id,
      link: place.link,
      connection: place.connection,
      operation: seen.operation.name,
      attributes: allAttributes(seen),
      point: rule.point,
      atMs: performance.timeOrigin + performance.now(),
    };
    return { armed, hit, operation: seen.operation, hasFailed: false };
  }

  /** Waits until the hit is released, its rule is lifted, or the signal aborts (then: `cut`). */
  hold({ armed, hit }: Strike, signal: AbortSignal): Promise<WireRelease> {
    const { promise, resolve } = Promise.withResolvers<WireRelease>();
    // Lifted in the same turn in which it hit.
    if (!this.#byId.has(armed.id)) return Promise.resolve('forward');
    const gone = () => this.release(hit.id, 'cut');
    this.#held.set(hit.id, { rule: armed.id, resolve });
    signal.addEventListener('abort', gone, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', gone));
  }

  /** False if nothing is held by this hit (any more). */
  release(hit: string, as: WireRelease): boolean {
    const held = this.#held.get(hit);
    if (!held) return false;
    this.#held.delete(hit);
    held.resolve(as);
    return true;
  }
}

/** What is known of an operation when a rule is asked: its answer too, from point `answer` on. */
export interface Seen {
  readonly operation: Operation;
  readonly end?: OperationEnd | undefined;
  /** Its contents, byte for byte; made when a rule looks for something in them. */
  texts?: readonly string[];
  partTexts?: Map<AnswerPart, readonly string[]>;
}

/** Whether everything that the rule asks for holds. */
export function matches(armed: ArmedWireRule, seen: Seen): boolean {
  const parts = seen.end?.parts;
  if (parts === undefined) return matchesPart(armed, seen, undefined);
  return parts.some((part) => matchesPart(armed, seen, part));
}

/** It is asked for each rule that names an operation: attributes first, they cost least. */
function matchesPart(
  { where, contains }: ArmedWireRule,
  seen: Seen,
  part: AnswerPart | undefined,
): boolean {
  const { operation, end } = seen;
  for (const [name, value] of where) {
    const found = part?.attributes[name] ?? end?.attributes?.[name] ?? operation.attributes[name];
    if (found === undefined || String(found) !== value) return false;
  }
  if (contains.length === 0) return true;
  // Once for all rules: a search in a text costs much less than one in a buffer.
  seen.texts ??= textsOf([...operation.content, ...(end?.content ?? [])]);
  const texts = part === undefined ? seen.texts : textsOfPart(seen, part);
  return contains.every((wanted) => texts.some((text) => text.includes(wanted)));
}

function textsOfPart(seen: Seen, part: AnswerPart): readonly string[] {
  seen.partTexts ??= new Map();
  const known = seen.partTexts.get(part);
  if (known) return known;
  const texts = [...(seen.texts ?? []), ...textsOf(part.content)];
  seen.partTexts.set(part, texts);
  return texts;
}

const textsOf = (content: readonly Buffer[]): string[] =>
  content.map((bytes) => bytes.toString('latin1'));

const WHOLE: ReadonlySet<string> = new Set([
  ...['hold', 'drop', 'error', 'duplicate', 'reorder', 'replace'],
]);

/** Whether a rule acts on an answer as one piece, and not when it begins. */
export const needsWholeAnswer = ({ action }: WireRule): boolean => WHOLE.has(action.kind);

/** False when the request already rules it out; the answer may add attributes and content. */
export const couldMatch = ({ where }: ArmedWireRule, { attributes }: Operation): boolean =>
  where.every(([name, value]) => {
    const seen = attributes[name];
    return seen === undefined || String(seen) === value;
  });

/** Attributes of the request and of the answer; those of several parts are joined. */
export function allAttributes({ operation, end }: Seen): OperationAttributes {
  const own = { ...operation.attributes, ...end?.attributes };
  const parts = end?.parts ?? [];
  if (parts.length === 0) return own;
  const names = new Set(parts.flatMap(({ attributes }) => Object.keys(attributes)));
  const joined = [...names].map((name) => {
    const values = new Set(parts.map(({ attributes }) => attributes[name]));
    const [only] = values;
    return [name, values.size === 1 && only !== undefined ? only : [...values].join()] as const;
  });
  return { ...own, ...Object.fromEntries(joined) };
}
