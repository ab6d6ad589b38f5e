import type { SpanSeen } from '../history/event.ts';
import { IdTable } from './id-table.ts';

interface Stray {
  readonly at: number;
  readonly service: string;
  readonly name: string;
}

/** What is known of a trace's spans. */
export interface SpanTree {
  /** Who exported spans of it, as a mask. */
  services: number;
  /** Spans whose parent nobody exported, except those that have the client's own span as parent. */
  strays: Stray[];
  /** The missing parent of the server span that began first: the client's own. */
  root: string | undefined;
  rootMs: number;
  /** When its first span began and its last one ended. */
  beganMs: number;
  endedMs: number;
}

/** Shared by all trees without strays: most. */
const NO_STRAYS: Stray[] = [];
/** Bits of a mask; a system with more services has the rest share the last one. */
const SERVICES_MAX = 31;

/** A span that waits for its parent to be looked up when all spans are known. */
interface Child extends Stray {
  /** Whether it answers a request: only such a span can have the client's own as its parent. */
  readonly isServer: boolean;
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
  /** By name: each service's bit, and the one string that is kept of its name. */
  readonly #services = new Map<string, { readonly name: string; readonly bit: number }>();

  /** A client began this trace. */
  expect(traceId: string): void {
    if (this.#trees.has(traceId)) return;
    this.#trees.set(traceId, {
      services: 0,
      strays: NO_STRAYS,
      root: undefined,
      rootMs: Number.POSITIVE_INFINITY,
      beganMs: Number.POSITIVE_INFINITY,
      endedMs: Number.NEGATIVE_INFINITY,
    });
  }

  add(span: SpanSeen): void {
    const tree = this.#trees.get(span.traceId);
    if (tree === undefined) return;
    const { service, name, index, parentSpanId, startMs } = span;
    const known = this.#serviceOf(service);
    tree.services |= known.bit;
    if (startMs < tree.beganMs) tree.beganMs = startMs;
    if (span.endMs > tree.endedMs) tree.endedMs = span.endMs;
    this.#spans.note(span.spanId, index);
    if (parentSpanId === undefined || this.#spans.has(parentSpanId)) return;
    const isServer = span.kind.toLowerCase() === 'server';
    this.#children.push({
      tree,
      parent: parentSpanId,
      at: index,
      service: known.name,
      name,
      startMs,
      isServer,
    });
  }

  /** Looks up the parents; call once, when all spans are there. */
  link(): void {
    const strays = this.#children.filter(({ parent }) => !this.#spans.has(parent));
    for (const { tree, parent, startMs, isServer } of strays) {
      if (!isServer || startMs >= tree.rootMs) continue;
      tree.root = parent;
      tree.rootMs = startMs;
    }
    for (const { tree, parent, at, service, name } of strays) {
      if (parent === tree.root) continue;
      if (tree.strays === NO_STRAYS) tree.strays = [];
      tree.strays.push({ at, service, name });
    }
  }

  /** Whether the service exported a span of the trace. */
  hasService(tree: SpanTree | undefined, service: string): boolean {
    return ((tree?.services ?? 0) & (this.#services.get(service)?.bit ?? 0)) !== 0;
  }

  #serviceOf(name: string): { readonly name: string; readonly bit: number } {
    let service = this.#services.get(name);
    if (service === undefined) {
      service = { name, bit: 1 << Math.min(this.#services.size, SERVICES_MAX - 1) };
      this.#services.set(name, service);
    }
    return service;
  }

  of(traceId: string): SpanTree | undefined {
    return this.#trees.get(traceId);
  }
}
