import type { Path } from '../sources/position.ts';
import type { Node, SchemaDocument } from './document.ts';

export const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const;
export type JsonType = (typeof TYPES)[number];

/** Keywords with a number that is a limit from below, or from above. */
export const LOWER = [
  'minimum',
  'exclusiveMinimum',
  'minLength',
  'minItems',
  'minProperties',
] as const;
export const UPPER = [
  'maximum',
  'exclusiveMaximum',
  'maxLength',
  'maxItems',
  'maxProperties',
] as const;
export type Bound = (typeof LOWER)[number] | (typeof UPPER)[number] | 'multipleOf';

/** What a schema says about one value, its references and `allOf` resolved. */
export interface Flat {
  /** Where the schema is in its document; findings give this line. */
  readonly path: Path;
  readonly document: SchemaDocument;
  readonly never: boolean;
  /** Undefined: any. */
  readonly types: ReadonlySet<JsonType> | undefined;
  /** From `enum` and `const`; undefined: any. */
  readonly values: readonly unknown[] | undefined;
  /** Readers accept values that `values` does not list. */
  readonly open: boolean;
  readonly bounds: ReadonlyMap<Bound, number>;
  readonly patterns: ReadonlySet<string>;
  readonly formats: ReadonlySet<string>;
  readonly unique: boolean;
  readonly required: ReadonlySet<string>;
  readonly properties: ReadonlyMap<string, Node>;
  /** By a pattern of their names. */
  readonly patternProperties: ReadonlyMap<string, Node>;
  /** For properties that are neither in `properties` nor match a pattern. */
  readonly additional: Node | undefined;
  readonly propertyNames: Node | undefined;
  /** For items after `prefixItems`. */
  readonly items: Node | undefined;
  readonly prefixItems: readonly Node[];
  readonly contains: readonly Contains[];
  readonly dependent: ReadonlyMap<string, ReadonlySet<string>>;
  readonly groups: readonly Group[];
  /** Alternatives that what is sent has already been split into. */
  readonly satisfied: readonly Group[];
  readonly conditions: readonly Condition[];
  /** Schemas that refuse what this one accepts: `not`. */
  readonly negations: readonly Node[];
  /** Keywords that are only compared as a whole: all values of each, references written out. */
  readonly opaque: ReadonlyMap<string, readonly unknown[]>;
}

export interface Group {
  readonly kind: 'anyOf' | 'oneOf';
  readonly branches: readonly Node[];
}

/** How many items match a schema. */
export interface Contains {
  readonly schema: Node;
  readonly least: number;
  readonly most: number | undefined;
}

/** `if`, or the presence of a property that a dependent schema names. */
export interface Condition {
  readonly when: Node;
  /** What is valid exactly where `when` is not. */
  readonly otherwise: Node;
  /** `then` and `else`. */
  readonly met: Node | undefined;
  readonly unmet: Node | undefined;
}

/** The schema that accepts everything. */
export const anything = ({ path, document }: Pick<Node, 'path' | 'document'>): Flat => ({
  path,
  document,
  never: false,
  types: undefined,
  values: undefined,
  open: false,
  bounds: new Map(),
  patterns: new Set(),
  formats: new Set(),
  unique: false,
  required: new Set(),
  properties: new Map(),
  patternProperties: new Map(),
  additional: undefined,
  propertyNames: undefined,
  items: undefined,
  prefixItems: [],
  contains: [],
  dependent: new Map(),
  groups: [],
  satisfied: [],
  conditions: [],
  negations: [],
  opaque: new Map(),
});
