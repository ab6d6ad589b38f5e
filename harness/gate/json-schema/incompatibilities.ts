import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {
  alternativeProblems,
  branchesOf,
  negationProblems,
  withoutSatisfied,
} from './alternatives.ts';
import { arrayProblems } from './arrays.ts';
import { boundProblems } from './bounds.ts';
import { conditionProblems, splitByCondition } from './conditions.ts';
import { isJson, type Json, type Node } from './document.ts';
import { withExample } from './examples.ts';
import { type Flat, TYPES } from './flat.ts';
import { flatten } from './flatten.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';
import { inlined, sameSchema } from './inline.ts';
import { objectProblems } from './objects.ts';
import { schemaOf } from './schema-of.ts';
import { textProblems } from './texts.ts';
import { covers, hasType, mayBe, opaqueProblems, typeProblems } from './types.ts';

export interface IncompatibilityOptions {
  /** The receiver accepts properties and members of closed sets that it does not know. */
  readonly open: boolean;
}

/**
 * Why the receiver may reject what the sender sends, by their schemas. The sender sends only the
 * properties that its schema names: an open object tolerates others and does not announce them.
 */
export function incompatibilities(
  receiver: Node,
  sender: Node,
  options: IncompatibilityOptions,
  place: string,
): Incompatibility[] {
  if (sameSchema(receiver, sender)) return [];
  const comparer = new SchemaComparer(options);
  const found = withExample(comparer.compare(receiver, flatten(sender), place), {
    receiver,
    sender,
    options,
    place,
  });
  return found.filter(
    ({ rule, what }, index) =>
      found.findIndex((other) => other.rule === rule && other.what === what) === index,
  );
}

const DEPTH_MAX = 60;
/** Whether one schema includes another one is asked from within a comparison, and not for ever. */
const INCLUSION_DEPTH_MAX = 12;
/** One for all schemas, as it compiles the meta-schema once; it does not keep what it compiles. */
const VALIDATORS = addFormats.default(
  new Ajv2020({ strict: false, validateFormats: true, logger: false, addUsedSchema: false }),
);

class SchemaComparer implements Comparer {
  readonly open: boolean;
  readonly strict: boolean;
  readonly #validators = new Map<string, (value: unknown) => boolean>();
  /** Pairs being compared: a schema may contain itself. */
  readonly #under = new Set<string>();
  /** Pairs without a problem: a shared schema is compared once, not in every place. */
  readonly #accepted = new Map<unknown, Set<unknown>>();
  #depth = 0;

  constructor({ open }: IncompatibilityOptions, strict = false) {
    this.open = open;
    this.strict = strict;
  }

  compare(receiver: Node, sender: Flat, place: string): Incompatibility[] {
    if (sender.never) return [];
    receiver.document.spend();
    if (this.#depth > DEPTH_MAX) return [tooDeep(receiver, place)];
    this.#depth += 1;
    try {
      return this.#compared(receiver, sender, place);
    } finally {
      this.#depth -= 1;
    }
  }

  #compared(receiver: Node, sender: Flat, place: string): Incompatibility[] {
    const to = withoutSatisfied(flatten(receiver), sender);
    if (to.never) {
      const what = `${place} is no longer accepted`;
      return [{ rule: 'value-refused', what, path: to.path, in: 'receiver', certain: true }];
    }
    if (sender.values !== undefined) return this.#values(receiver, to, sender, place);
    const [group] = sender.groups;
    if (group !== undefined) {
      return branchesOf(sender, group).flatMap((one) => this.compare(receiver, one, place));
    }
    const isSplit = to.groups.length > 0 || to.negations.length > 0;
    if (isSplit && (sender.types?.size ?? TYPES.length) > 1) {
      return [...(sender.types ?? TYPES)].flatMap((type) =>
        this.compare(receiver, { ...sender, types: new Set([type]) }, place),
      );
    }
    const problems = [
      ...this.#own(to, sender, place),
      ...alternativeProblems(this, to, sender, place),
      ...negationProblems(this, to, sender, place),
      ...conditionProblems(this, to, sender, place),
    ];
    if (problems.length === 0 || sender.conditions.length === 0) return problems;
    const sides = splitByCondition(this, sender, place);
    if (sides.length === 0) return problems;
    return sides.flatMap((side) => this.compare(receiver, side, place));
  }

  /** A closed set is tried value by value. */
  #values(receiver: Node, to: Flat, sender: Flat, place: string): Incompatibility[] {
    const isOpen = this.open || to.open;
    const accepts = this.#validator(receiver, isOpen);
    const values = (sender.values ?? []).filter((value) => hasType(value, sender.types));
    const notAccepted = values.filter((value) => !accepts(value) || !hasType(value, to.types));
    if (notAccepted.length === 0) return [];
    // Other keywords of the sender may exclude a value that its own enum lists.
    const rejected = notAccepted.filter(this.accepts(schemaOf(sender)));
    if (rejected.length === 0) return [];
    const shown = rejected.map((value) => JSON.stringify(value)).join(', ');
    return [
      {
        rule: 'enum-value',
        what: `${place} may be ${shown}, which the receiver rejects`,
        path: sender.path,
        in: 'sender',
        certain: true,
      },
    ];
  }

  #validator(receiver: Node, isOpen: boolean): (value: unknown) => boolean {
    const schema = inlined(receiver);
    return this.accepts(isOpen && isJson(schema) ? withoutEnum(schema) : schema);
  }

  accepts(schema: unknown): (value: unknown) => boolean {
    const key = JSON.stringify(schema);
    const known = this.#validators.get(key);
    if (known !== undefined) return known;
    const validate = VALIDATORS.compile(schema as object);
    const accepts = (value: unknown): boolean => validate(value) === true;
    this.#validators.set(key, accepts);
    return accepts;
  }

  #own(to: Flat, sender: Flat, place: string): Incompatibility[] {
    const problems = [
      ...typeProblems(to, sender, place),
      ...boundProblems(to, sender, place),
      ...textProblems(to, sender, place),
      ...opaqueProblems(to, sender, place),
    ];
    if (to.values !== undefined && !(this.open || to.open) && !covers(to.values, sender)) {
      problems.push({
        rule: 'enum-added',
        what: `${place} must now be one of ${JSON.stringify(to.values)}`,
        path: to.path,
        in: 'receiver',
        certain: true,
      });
    }
    if (mayBe(sender, 'object')) problems.push(...objectProblems(this, to, sender, place));
    if (mayBe(sender, 'array')) problems.push(...arrayProblems(this, to, sender, place));
    return problems;
  }

  includes(wide: Node, narrow: Node): boolean {
    if (sameSchema(wide, narrow)) return true;
    if (this.#depth > INCLUSION_DEPTH_MAX) return false;
    const strict = new SchemaComparer({ open: false }, true);
    strict.#depth = this.#depth + 1;
    return strict.compare(wide, flatten(narrow), 'a value').length === 0;
  }

  nested(receiver: Node, sent: Node, place: string): Incompatibility[] {
    const key = `${keyOf(receiver)} ${keyOf(sent)}`;
    if (this.#under.has(key) || this.#accepted.get(receiver.json)?.has(sent.json)) return [];
    if (sameSchema(receiver, sent)) return [];
    this.#under.add(key);
    const found = this.compare(receiver, flatten(sent), place);
    this.#under.delete(key);
    if (found.length === 0) {
      const known = this.#accepted.get(receiver.json) ?? new Set();
      this.#accepted.set(receiver.json, known.add(sent.json));
    }
    return found;
  }
}

const tooDeep = ({ path }: Node, place: string): Incompatibility => ({
  rule: 'undecidable',
  what: `${place} is nested too deeply to be compared`,
  path,
  in: 'receiver',
  certain: false,
});

const keyOf = ({ path, json }: Node): string =>
  `${path.join('/')}:${isJson(json) && typeof json['$ref'] === 'string' ? json['$ref'] : ''}`;

function withoutEnum({ enum: _, ...rest }: Json): Json {
  return rest;
}
