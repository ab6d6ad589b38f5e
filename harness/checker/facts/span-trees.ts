import type { SpanSeen } from '../../history/event.ts';
import { IdTable } from '../columns/id-table.ts';
import { NumberRows } from '../columns/number-rows.ts';

interface Stray {
  readonly at: number;
  readonly service: string;
  readonly name: string;
}

/** What is known of a trace's spans. */
export interface SpanTree {
  /** Who exported spans of it, as a mask. */
  readonly services: number;
  /** Spans whose parent was not exported, unless the parent is the client's own span. */
  readonly strays: readonly Stray[];
  /** When its first span began and its last one ended. */
  readonly beganMs: number;
  readonly endedMs: number;
}

/** Shared by all trees without strays: most. */
const NO_STRAYS: readonly Stray[] = [];

/** Columns of a tree. */
const SERVICES = 0;
const BEGAN_MS = 1;
const ENDED_MS = 2;
const COLUMNS = 3;

/** Bits of a mask; a system with more services has the rest share the last one. */
const SERVICES_MAX = 31;

/** A span that waits for its parent to be looked up when all spans are known. */
interface Child extends Stray {
  /** Whether it answers a request: only such a span can have the client's own as its parent. */
  readonly isServer: boolean;
  /** The tree's number. */
  readonly tree: number;
  readonly parent: string;
  readonly startMs: number;
}

/**
 * The spans of the traces that clients began, as trees. Spans are exported in batches by many
 * processes, children before parents, so parents are looked up at the end.
 */
export class SpanTrees {
  /** Numbers of trees, dense from 0, by trace. */
  readonly #numbers = new Map<string, number>();
  readonly #trees = new NumberRows(COLUMNS);
  /** By tree number. */
  readonly #strays = new Map<number, Stray[]>();
  readonly #spans = new IdTable();
  readonly #children: Child[] = [];
  /** By name: each service's bit, and the one string that is kept of its name. */
  readonly #services = new Map<string, { readonly name: string; readonly bit: number }>();

  /** A client began this trace. */
  expect(traceId: string): void {
    if (this.#numbers.has(traceId)) return;
    const tree = this.#trees.add();
    this.#trees.set(tree, BEGAN_MS, Number.POSITIVE_INFINITY);
    this.#trees.set(tree, ENDED_MS, Number.NEGATIVE_INFINITY);
    this.#numbers.set(traceId, tree);
  }

  add(span: SpanSeen): void {
    const tree = this.#numbers.get(span.traceId);
    if (tree === undefined) return;
    const { name, index, parentSpanId, startMs, endMs } = span;
    const service = this.#serviceOf(span.service);
    const trees = this.#trees;
    trees.set(tree, SERVICES, trees.at(tree, SERVICES) | service.bit);
    if (startMs < trees.at(tree, BEGAN_MS)) trees.set(tree, BEGAN_MS, startMs);
    if (endMs > trees.at(tree, ENDED_MS)) trees.set(tree, ENDED_MS, endMs);
    this.#spans.note(span.spanId, index);
    if (parentSpanId === undefined || this.#spans.has(parentSpanId)) return;
    const isServer = span.kind.toLowerCase() === 'server';
    this.#children.push({
      tree,
      parent: parentSpanId,
      at: index,
      service: service.name,
      name,
      startMs,
      isServer,
    });
  }

  /** Looks up the parents; call once, when all spans are there. */
  link(): void {
    const strays = this.#children.filter(({ parent }) => !this.#spans.has(parent));
    // The missing parent of the server span that began first is the client's own.
    const roots = new Map<number, Child>();
    for (const child of strays) {
      const known = roots.get(child.tree);
      const beganMs = known === undefined ? Number.POSITIVE_INFINITY : known.startMs;
      if (!child.isServer || child.startMs >= beganMs) continue;
      roots.set(child.tree, child);
    }
    for (const { tree, parent, at, service, name } of strays) {
      if (parent === roots.get(tree)?.parent) continue;
      const known = this.#strays.get(tree);
      if (known === undefined) this.#strays.set(tree, [{ at, service, name }]);
      else known.push({ at, service, name });
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
    const tree = this.#numbers.get(traceId);
    if (tree === undefined) return undefined;
    return {
      services: this.#trees.at(tree, SERVICES),
      strays: this.#strays.get(tree) ?? NO_STRAYS,
      beganMs: this.#trees.at(tree, BEGAN_MS),
      endedMs: this.#trees.at(tree, ENDED_MS),
    };
  }
}
