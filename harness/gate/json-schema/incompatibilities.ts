import { isDeepStrictEqual } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Path } from '../sources/position.ts';
import { boundProblems } from './bounds.ts';
import { isJson, type Json, type Node } from './document.ts';
import { isDisjoint } from './emptiness.ts';
import { type Flat, type Group, TYPES } from './flat.ts';
import { flatten } from './flatten.ts';
import { inlined, sameSchema } from './inline.ts';
import { merged } from './merge.ts';
import { schemaOf } from './schema-of.ts';
import { textProblems } from './texts.ts';
import { covers, hasType, mayBe, nameOf, opaqueProblems, typeProblems } from './types.ts';

/** A value that one side may send and the other refuses. */
export interface Incompatibility {
  readonly rule: string;
  readonly what: string;
  /** In the document of the side that `in` names. */
  readonly path: Path;
  readonly in: 'sender' | 'receiver';
  readonly certain: boolean;
}

export interface IncompatibilityOptions {
  /** Who receives takes properties and members of closed sets that it does not know. */
  readonly open: boolean;
}

/**
 * Why the receiver may refuse what the sender sends, by their schemas. The sender sends only the
 * properties that its schema names: an open object is tolerance, not a promise to send more.
 */
export function incompatibilities(
  receiver: Node,
  sender: Node,
  options: IncompatibilityOptions,
  place: string,
): Incompatibility[] {
  if (sameSchema(receiver, sender)) return [];
  const found = new Comparing(options).compare(receiver, flatten(sender), place);
  return found.filter(
    ({ rule, what }, index) =>
      found.findIndex((other) => other.rule === rule && other.what === what) === index,
  );
}

const DEPTH_MAX = 40;
/** One for all schemas, as it compiles the meta-schema once; it does not keep what it compiles. */
const VALIDATORS = addFormats.default(
  new Ajv2020({ strict: false, validateFormats: true, logger: false, addUsedSchema: false }),
);

class Comparing {
  readonly #open: boolean;
  readonly #validators = new Map<string, (value: unknown) => boolean>();
  /** Pairs under way: a schema may contain itself. */
  readonly #under = new Set<string>();
  #depth = 0;

  constructor({ open }: IncompatibilityOptions) {
    this.#open = open;
  }

  compare(receiver: Node, sender: Flat, place: string): Incompatibility[] {
    if (sender.never || this.#depth > DEPTH_MAX) return [];
    this.#depth += 1;
    try {
      const to = withoutSatisfied(flatten(receiver), sender);
      if (to.never) {
        const what = `${place} is no longer accepted`;
        return [{ rule: 'value-refused', what, path: to.path, in: 'receiver', certain: true }];
      }
      if (sender.values !== undefined) return this.#values(receiver, to, sender, place);
      const [group] = sender.groups;
      if (group !== undefined) return this.#eachBranch(receiver, sender, group, place);
      if (to.groups.length > 0 && (sender.types?.size ?? TYPES.length) > 1) {
        return [...(sender.types ?? TYPES)].flatMap((type) =>
          this.compare(receiver, { ...sender, types: new Set([type]) }, place),
        );
      }
      return [...this.#own(to, sender, place), ...this.#groups(to, sender, place)];
    } finally {
      this.#depth -= 1;
    }
  }

  /** A closed set is tried value by value. */
  #values(receiver: Node, to: Flat, sender: Flat, place: string): Incompatibility[] {
    const isOpen = this.#open || to.open;
    const accepts = this.#validator(receiver, isOpen);
    const values = (sender.values ?? []).filter((value) => hasType(value, sender.types));
    const notAccepted = values.filter((value) => !accepts(value) || !hasType(value, to.types));
    if (notAccepted.length === 0) return [];
    // Other keywords of the sender may exclude a value that its own enum lists.
    const refused = notAccepted.filter(this.#compiled(schemaOf(sender)));
    if (refused.length === 0) return [];
    const shown = refused.map((value) => JSON.stringify(value)).join(', ');
    return [
      {
        rule: 'enum-value',
        what: `${place} may be ${shown}, which they do not take`,
        path: sender.path,
        in: 'sender',
        certain: true,
      },
    ];
  }

  #validator(receiver: Node, isOpen: boolean): (value: unknown) => boolean {
    const schema = inlined(receiver);
    return this.#compiled(isOpen && isJson(schema) ? withoutEnum(schema) : schema);
  }

  #compiled(schema: unknown): (value: unknown) => boolean {
    const key = JSON.stringify(schema);
    const known = this.#validators.get(key);
    if (known !== undefined) return known;
    const validate = VALIDATORS.compile(schema as object);
    const accepts = (value: unknown): boolean => validate(value) === true;
    this.#validators.set(key, accepts);
    return accepts;
  }

  #eachBranch(receiver: Node, sender: Flat, group: Group, place: string): Incompatibility[] {
    const satisfied = [...(sender.opaque.get(group.kind) ?? []), writtenOut(group)];
    const siblings: Flat = {
      ...sender,
      groups: sender.groups.slice(1),
      opaque: new Map([...sender.opaque, [group.kind, satisfied]]),
    };
    return group.branches.flatMap((branch) =>
      this.compare(receiver, merged(siblings, flatten(branch)), place),
    );
  }

  /** What is sent must be taken by one of the alternatives. */
  #groups(to: Flat, sender: Flat, place: string): Incompatibility[] {
    return to.groups.flatMap(({ kind, branches }) => {
      const tried = branches.map((branch) => this.compare(branch, sender, place));
      const taken = tried.filter((problems) => problems.length === 0).length;
      if (taken > 0 && kind === 'anyOf') return [];
      const overlaps = branches.filter((branch) => !isDisjoint(sender, flatten(branch))).length;
      if (taken === 1 && overlaps === 1) return [];
      if (taken > 0) {
        const certain = taken > 1;
        return [
          {
            rule: certain ? 'alternatives-overlap' : 'undecidable',
            what: certain
              ? `${place} matches more than one of the alternatives`
              : `${place} matches one of the alternatives, and possibly others as well`,
            path: to.path,
            in: 'receiver' as const,
            certain,
          },
        ];
      }
      const near = tried.toSorted((a, b) => a.length - b.length)[0] ?? [];
      const [only] = near;
      if (near.length === 1 && only !== undefined && only.rule !== 'type') return near;
      return [
        {
          rule: 'no-alternative',
          what: `${place} may be ${nameOf(sender)}, and none of the alternatives takes it`,
          path: sender.path,
          in: 'sender' as const,
          certain: true,
        },
      ];
    });
  }

  #own(to: Flat, sender: Flat, place: string): Incompatibility[] {
    const problems = [
      ...typeProblems(to, sender, place),
      ...boundProblems(to, sender, place),
      ...textProblems(to, sender, place),
      ...opaqueProblems(to, sender, place),
    ];
    if (to.values !== undefined && !(this.#open || to.open) && !covers(to.values, sender)) {
      problems.push({
        rule: 'enum-added',
        what: `${place} must now be one of ${JSON.stringify(to.values)}`,
        path: to.path,
        in: 'receiver',
        certain: true,
      });
    }
    if (mayBe(sender, 'object')) problems.push(...this.#object(to, sender, place));
    if (mayBe(sender, 'array')) problems.push(...this.#array(to, sender, place));
    return problems;
  }

  #object(to: Flat, sender: Flat, place: string): Incompatibility[] {
    if (to.types !== undefined && !to.types.has('object')) return [];
    const problems: Incompatibility[] = [];
    for (const name of to.required) {
      if (sender.required.has(name)) continue;
      problems.push({
        rule: 'required',
        what: sender.properties.has(name)
          ? `${inPlace(name, place)} may be left out, and it is required`
          : `${inPlace(name, place)} is required, and it is not sent`,
        path: to.path,
        in: 'receiver',
        certain: true,
      });
    }
    for (const [name, sent] of sender.properties) {
      if (!this.#allowsName(sender, name)) continue;
      problems.push(...this.#name(to, name, sent, place), ...this.#property(to, name, sent, place));
    }
    if (sender.additional !== undefined && isJson(sender.additional.json)) {
      problems.push(...this.#others(to, sender.additional, sender, place));
    }
    for (const [name, needs] of to.dependent) {
      const known = new Set([...sender.required, ...(sender.dependent.get(name) ?? [])]);
      const missing = [...needs].filter((need) => !known.has(need));
      const mayBeSent = sender.properties.has(name) || isJson(sender.additional?.json);
      if (missing.length === 0 || !mayBeSent) continue;
      problems.push({
        rule: 'required',
        what: `${inPlace(name, place)} needs ${missing.join(', ')} beside it`,
        path: to.path,
        in: 'receiver',
        certain: true,
      });
    }
    return problems;
  }

  #property(to: Flat, name: string, sent: Node, place: string): Incompatibility[] {
    const where = inPlace(name, place);
    const flat = flatten(sent);
    if (flat.never) return [];
    const known = to.properties.get(name);
    if (known === undefined && to.opaque.has('patternProperties')) return [];
    const receiver = known ?? to.additional;
    if (receiver === undefined || (known === undefined && this.#open)) return [];
    if (known === undefined && receiver.json === false) {
      return [
        {
          rule: 'property-unknown',
          what: `${where} is sent, and no other properties are taken`,
          path: sent.path,
          in: 'sender',
          certain: true,
        },
      ];
    }
    return this.#guarded(receiver, sent, where);
  }

  #name(to: Flat, name: string, sent: Node, place: string): Incompatibility[] {
    if (flatten(sent).never || this.#allowsName(to, name)) return [];
    const what = `${inPlace(name, place)} is sent, and its name is not accepted`;
    return [{ rule: 'property-unknown', what, path: sent.path, in: 'sender', certain: true }];
  }

  #allowsName({ propertyNames }: Flat, name: string): boolean {
    return propertyNames === undefined || this.#validator(propertyNames, false)(name);
  }

  /** A map: whatever its keys and values may be. */
  #others(to: Flat, additional: Node, { propertyNames }: Flat, place: string): Incompatibility[] {
    const text = { ...additional, json: { type: 'string' } };
    const names =
      to.propertyNames === undefined
        ? []
        : this.#guarded(to.propertyNames, propertyNames ?? text, `a key of ${place}`);
    if (to.additional === undefined) return names;
    return [...names, ...this.#guarded(to.additional, additional, `a property of ${place}`)];
  }

  #array(to: Flat, sender: Flat, place: string): Incompatibility[] {
    if (to.types !== undefined && !to.types.has('array')) return [];
    const problems: Incompatibility[] = [];
    if (to.unique && !sender.unique) {
      const what = `the items of ${place} must now differ`;
      problems.push({ rule: 'items', what, path: to.path, in: 'receiver', certain: true });
    }
    const positions = Math.max(to.prefixItems.length, sender.prefixItems.length);
    for (let index = 0; index < positions; index += 1) {
      const receiver = to.prefixItems[index] ?? to.items;
      const sent = sender.prefixItems[index] ?? sender.items;
      if (receiver !== undefined) problems.push(...this.#item(receiver, sent, to, place));
    }
    if (to.items !== undefined && sender.items?.json !== false) {
      problems.push(...this.#item(to.items, sender.items, to, place));
    }
    return problems;
  }

  #item(receiver: Node, sent: Node | undefined, to: Flat, place: string): Incompatibility[] {
    const any: Node = { json: true, path: to.path, document: receiver.document };
    return this.#guarded(receiver, sent ?? any, `an item of ${place}`);
  }

  #guarded(receiver: Node, sent: Node, place: string): Incompatibility[] {
    const key = `${keyOf(receiver)} ${keyOf(sent)}`;
    if (this.#under.has(key) || sameSchema(receiver, sent)) return [];
    this.#under.add(key);
    const found = this.compare(receiver, flatten(sent), place);
    this.#under.delete(key);
    return found;
  }
}

const writtenOut = ({ branches }: Group): unknown => branches.map(inlined);

/** What the sender's schema guarantees need not be compared branch by branch. */
function withoutSatisfied(to: Flat, { opaque }: Flat): Flat {
  const groups = to.groups.filter(
    (group) =>
      !(opaque.get(group.kind) ?? []).some((known) => isDeepStrictEqual(known, writtenOut(group))),
  );
  return groups.length === to.groups.length ? to : { ...to, groups };
}

const keyOf = ({ path, json }: Node): string =>
  `${path.join('/')}:${isJson(json) && typeof json['$ref'] === 'string' ? json['$ref'] : ''}`;

const inPlace = (name: string, place: string): string =>
  place === 'the body' || place === 'the message' ? `"${name}"` : `"${name}" of ${place}`;

function withoutEnum({ enum: _, ...rest }: Json): Json {
  return rest;
}
