import type { SpanSeen } from '../history/event.ts';
import { IdTable } from './id-table.ts';

interface Stray {
  readonly at: number;
  readonly service: string;
  readonly name: string;
}

/** What is known of a trace's spans. */
export interface SpanTree {
  readonly services: Set<string>;
  /** Spans whose parent nobody exported, except those that have the client's own span as parent. */
  readonly strays: Stray[];
  /** The missing parent of the span that began first: the client's own. */
  root: string | undefined;
  rootMs: number;
}

/** A span that waits for its parent to be looked up when all spans are known. */
interface Child extends Stray {
  readonly tree: SpanTree;
  readonly parent: string;
  readonly startMs: number;
}

/**
 * The spans of the traces that clients began, as trees. Spans are exported in batches by many
 * processes, children before parents, so parents are looked up at the end.
 */
export class SpanTrees {
  readonly #trees = new Map<string, SpanTree>();
  readonly #spans = new IdTable();
  readonly #children: Child[] = [];

  /** A client began this trace. */
  expect(traceId: string): void {
    if (this.#trees.has(traceId)) return;
    this.#trees.set(traceId, {
      services: new Set(),
      strays: [],
      root: undefined,
      rootMs: Number.POSITIVE_INFINITY,
    });
  }

  add(span: SpanSeen): void {
    const tree = this.#trees.get(span.traceId);
    if (tree === undefined) return;
    const { service, name, index, parentSpanId, startMs } = span;
    tree.services.add(service);
    this.#spans.note(span.spanId, index, 0);
    if (parentSpanId === undefined || this.#spans.has(parentSpanId)) return;
    this.#children.push({ tree, parent: parentSpanId, at: index, service, name, startMs });
  }

  /** Looks up the parents; call once, when all spans are there. */
  link(): void {
    const strays = this.#children.filter(({ parent }) => !this.#spans.has(parent));
    for (const { tree, parent, startMs } of strays) {
      if (startMs >= tree.rootMs) continue;
      tree.root = parent;
      tree.rootMs = startMs;
    }
    for (const { tree, parent, at, service, name } of strays) {
      if (parent !== tree.root) tree.strays.push({ at, service, name });
    }
  }

  of(traceId: string): SpanTree | undefined {
    return this.#trees.get(traceId);
  }
}
