/** What the gate found, before it is rendered. */

export const FORMATS = [
  'avro',
  'protobuf',
  'openapi',
  'asyncapi',
  'json-schema',
  'topics',
  'pact',
  'recorded',
  'gate',
] as const;
export type Format = (typeof FORMATS)[number];

/** `breaks`: a service fails. `unknown`: not decidable; `fix` says how to find out. */
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
  /** Services whose deployment causes the break; empty: any. */
  readonly causes: readonly string[];
  /** Who fails, with the version where it is known. */
  readonly breaks: readonly string[];
  /** How they fail, as a predicate: `cannot read order.events`. */
  readonly fails: string;
  /** Why: `field "sku" became required`. */
  readonly what: string;
  /** How to fix the change. */
  readonly fix: string;
  readonly certainty: Certainty;
}
