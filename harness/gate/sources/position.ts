import { isMap, isNode, isPair, isSeq, LineCounter, parseDocument } from 'yaml';

/** A place in a JSON or YAML document: keys and indices from its root. */
export type Path = ReadonlyArray<string | number>;

/** Finds the lines of places in one document; JSON is read as YAML. */
export class Positions {
  readonly #counter = new LineCounter();
  readonly #contents: unknown;

  constructor(text: string) {
    this.#contents = parseDocument(text, { lineCounter: this.#counter }).contents;
  }

  /** The line of a place, or of the nearest place around it that exists; 1 at worst. */
  lineOf(path: Path): number {
    let node: unknown = this.#contents;
    let line = 1;
    for (const step of path) {
      const found = stepInto(node, step);
      if (found === undefined) return line;
      node = found.value;
      line = this.#line(found.at) ?? line;
    }
    return line;
  }

  #line(node: unknown): number | undefined {
    if (!isNode(node) || node.range === null || node.range === undefined) return undefined;
    return this.#counter.linePos(node.range[0]).line;
  }
}

function stepInto(
  node: unknown,
  step: string | number,
): { at: unknown; value: unknown } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step];
    return item === undefined ? undefined : { at: item, value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(
    (item) => isPair(item) && isNode(item.key) && String(item.key.toJSON()) === String(step),
  );
  return pair === undefined ? undefined : { at: pair.key, value: pair.value };
}
