/** What the gate found, before it is put into words. */

export const FORMATS = [
  'avro',
  'protobuf',
  'openapi',
  'asyncapi',
  'topics',
  'pact',
  'truth',
] as const;
export type Format = (typeof FORMATS)[number];

/** `breaks`: somebody fails. `unknown`: it could not be told, and `mend` says what would tell. */
export type Certainty = 'breaks' | 'unknown';

export interface Finding {
  readonly format: Format;
  /** What has changed: a registry subject, an RPC, an HTTP operation, a channel, a topic. */
  readonly subject: string;
  /** `<format>/<kebab-case>`; docs/gate.md lists them. */
  readonly rule: string;
  /** Path from the repository's root, with slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Services whose deployment does it; empty: any. */
  readonly causes: readonly string[];
  /** Who fails, with the version where it is known. */
  readonly breaks: readonly string[];
  /** What they do, after their names: `cannot read order.events`. */
  readonly fails: string;
  /** Why: `field "sku" became required`. */
  readonly what: string;
  /** What to do instead. */
  readonly mend: string;
  readonly certainty: Certainty;
}
