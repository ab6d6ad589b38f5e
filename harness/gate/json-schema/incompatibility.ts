import type { Path } from '../sources/position.ts';
import type { Node } from './document.ts';
import type { Flat } from './flat.ts';

/** A value that one side may send and that the other one rejects. */
export interface Incompatibility {
  readonly rule: string;
  readonly what: string;
  /** In the document of the side that `in` names. */
  readonly path: Path;
  readonly in: 'sender' | 'receiver';
  readonly certain: boolean;
}

/** Compares parts of two schemas on behalf of the rules for objects, arrays and alternatives. */
export interface Comparer {
  /** The receiver accepts properties and members of closed sets that it does not know. */
  readonly open: boolean;
  /** A sender may also send properties that its schema tolerates and does not describe. */
  readonly strict: boolean;
  compare(receiver: Node, sender: Flat, place: string): Incompatibility[];
  /** Compares nodes; ends where a schema contains itself. */
  nested(receiver: Node, sent: Node, place: string): Incompatibility[];
  /** Whether every value of the one schema is a value of the other, named in it or not. */
  includes(wide: Node, narrow: Node): boolean;
  accepts(schema: unknown): (value: unknown) => boolean;
}
