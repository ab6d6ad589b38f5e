/**
 * A stack is a tree of resources. `sequence` starts its children one after another, `parallel` at
 * once; a resource may name others that it needs (`after`), which holds across the tree. Stopping
 * is the reverse: a resource goes down after everything that needs it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { deadline, orAborted, retry } from '../kernel/poll.ts';

/** How long an `up` may take to notice that it was aborted. */
const CUT_SHORT_MS = 2_000;

export interface Resource {
  readonly name: string;
  /** Names of resources that must be up before this one starts, wherever they are in the tree. */
  readonly after?: readonly string[];
  /** Names of resources that it stops before, although it does not wait for them to start. */
  readonly stopBefore?: readonly string[];
  readonly upTimeoutMs: number;
  readonly downTimeoutMs: number;
  /** Starts it and makes it usable. */
  up(signal: AbortSignal): Promise<void>;
  /** One question by protocol; throws when the answer is not that of a healthy one. */
  healthCheck(signal: AbortSignal): Promise<void>;
  /** Proves once that it is set up as it was ordered, not only alive. */
  verify?(signal: AbortSignal): Promise<void>;
  down(signal: AbortSignal): Promise<void>;
  logTail?(): string;
}

export type ResourceTree =
  | { readonly kind: 'leaf'; readonly resource: Resource }
  | { readonly kind: 'sequence' | 'parallel'; readonly children: readonly ResourceTree[] };

export const leaf = (resource: Resource): ResourceTree => ({ kind: 'leaf', resource });
export const sequence = (...children: ResourceTree[]): ResourceTree => ({
  kind: 'sequence',
  children,
});
export const parallel = (...children: ResourceTree[]): ResourceTree => ({
  kind: 'parallel',
  children,
});

export interface TreeObserver {
  onPhase(
    resource: string,
    phase: 'starting' | 'ready' | 'failed' | 'stopping' | 'stopped',
    info: { readonly elapsedMs?: number; readonly error?: Error },
  ): void;
}

export interface RunningTree {
  readonly resources: readonly Resource[];
  /** Takes everything down in reverse; returns the failures instead of throwing them. */
  down(): Promise<readonly ResourceError[]>;
}

/** A resource that failed, with the end of its own log. */
export class ResourceError extends Error {
  override readonly name = 'ResourceError';
  readonly resource: string;
  readonly logTail: string;

  constructor(resource: Resource, what: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${resource.name} ${what}: ${reason}`, { cause });
    this.resource = resource.name;
    this.logTail = safeLogTail(resource);
  }
}

function safeLogTail(resource: Resource): string {
  try {
    return resource.logTail?.() ?? '';
  } catch {
    return '';
  }
}

interface Entry {
  readonly resource: Resource;
  readonly needs: Set<Entry>;
  readonly neededBy: Set<Entry>;
  started: boolean;
  /** Settles when `up` has succeeded or failed. */
  ended: Promise<unknown>;
}

/** Flattens the tree into entries that know what they need and what needs them. */
function flatten(tree: ResourceTree): Entry[] {
  const entries: Entry[] = [];
  const byName = new Map<string, Entry>();
  const walk = (node: ResourceTree, needs: readonly Entry[]): Entry[] => {
    if (node.kind === 'leaf') {
      const entry: Entry = {
        resource: node.resource,
        needs: new Set(needs),
        neededBy: new Set(),
        started: false,
        ended: Promise.resolve(),
      };
      if (byName.has(node.resource.name)) {
        throw new Error(`two resources are called ${node.resource.name}`);
      }
      byName.set(node.resource.name, entry);
      entries.push(entry);
      return [entry];
    }
    if (node.kind === 'parallel') return node.children.flatMap((child) => walk(child, needs));
    let before = needs;
    const all: Entry[] = [];
    for (const child of node.children) {
      const made = walk(child, before);
      all.push(...made);
      if (made.length > 0) before = made;
    }
    return all;
  };
  walk(tree, []);
  for (const entry of entries) {
    for (const name of entry.resource.after ?? []) {
      const needed = byName.get(name);
      if (!needed)
        throw new Error(`${entry.resource.name} needs ${name}, which is not in the stack`);
      entry.needs.add(needed);
    }
    for (const needed of entry.needs) needed.neededBy.add(entry);
    for (const name of entry.resource.stopBefore ?? []) byName.get(name)?.neededBy.add(entry);
  }
  refuseCycles(entries);
  return entries;
}

function refuseCycles(entries: readonly Entry[]): void {
  const done = new Set<Entry>();
  const visit = (entry: Entry, path: readonly Entry[]): void => {
    if (done.has(entry)) return;
    if (path.includes(entry)) {
      const names = [...path, entry].map((e) => e.resource.name).join(' → ');
      throw new Error(`resources need each other in a circle: ${names}`);
    }
    for (const needed of entry.needs) visit(needed, [...path, entry]);
    done.add(entry);
  };
  for (const entry of entries) visit(entry, []);
}

/**
 * Brings the tree up. When a resource fails, the others are aborted, everything that had
 * started is taken down, and the first failure is thrown.
 */
export async function bootTree(
  tree: ResourceTree,
  observer: TreeObserver,
  signal?: AbortSignal,
): Promise<RunningTree> {
  const entries = flatten(tree);
  const failure = new AbortController();
  const stop = signal ? AbortSignal.any([failure.signal, signal]) : failure.signal;
  let firstError: unknown;
  const start = new Map<Entry, Promise<void>>();
  const upOf = (entry: Entry): Promise<void> => {
    let running = start.get(entry);
    if (!running) {
      running = Promise.all([...entry.needs].map(upOf)).then(() => bringUp(entry, observer, stop));
      start.set(entry, running);
    }
    return running;
  };
  const verified = entries.map((entry) =>
    upOf(entry)
      .then(() => verify(entry, stop))
      .catch((error: unknown) => {
        firstError ??= error;
        failure.abort(new Error('another resource failed'));
      }),
  );
  await Promise.all(verified);
  if (firstError !== undefined || signal?.aborted) {
    await takeDown(entries, observer);
    throw signal?.aborted ? signal.reason : firstError;
  }
  return { resources: entries.map((e) => e.resource), down: () => takeDown(entries, observer) };
}

async function bringUp(entry: Entry, observer: TreeObserver, stop: AbortSignal): Promise<void> {
  stop.throwIfAborted();
  const { resource } = entry;
  const startedAt = performance.now();
  const elapsedMs = () => Math.round(performance.now() - startedAt);
  observer.onPhase(resource.name, 'starting', {});
  entry.started = true;
  using limit = deadline(`starting ${resource.name}`, resource.upTimeoutMs, stop);
  try {
    const up = resource.up(limit.signal);
    entry.ended = up.catch(() => undefined);
    await orCutShort(up, limit.signal);
    await retry(`${resource.name} is healthy`, () => resource.healthCheck(limit.signal), limit);
    observer.onPhase(resource.name, 'ready', { elapsedMs: elapsedMs() });
  } catch (cause) {
    if (stop.aborted) throw cause;
    const error = new ResourceError(resource, 'did not come up', cause);
    observer.onPhase(resource.name, 'failed', { elapsedMs: elapsedMs(), error });
    throw error;
  }
}

/**
 * An `up` that is out of time gets a moment to say itself what it was waiting for; that says more
 * than the deadline does.
 */
async function orCutShort(up: Promise<void>, signal: AbortSignal): Promise<void> {
  const cut = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => cut.reject(signal.reason), CUT_SHORT_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([up, cut.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  }
}

async function verify(entry: Entry, stop: AbortSignal): Promise<void> {
  const { resource } = entry;
  if (!resource.verify) return;
  using limit = deadline(`verifying ${resource.name}`, resource.upTimeoutMs, stop);
  try {
    await orAborted(resource.verify(limit.signal), limit.signal);
  } catch (cause) {
    throw stop.aborted ? cause : new ResourceError(resource, 'is not set up as ordered', cause);
  }
}

async function takeDown(
  entries: readonly Entry[],
  observer: TreeObserver,
): Promise<readonly ResourceError[]> {
  const errors: ResourceError[] = [];
  const stopping = new Map<Entry, Promise<void>>();
  const downOf = (entry: Entry): Promise<void> => {
    let running = stopping.get(entry);
    if (!running) {
      running = Promise.all([...entry.neededBy].map(downOf)).then(async () => {
        if (!entry.started) return;
        const error = await bringDown(entry, observer);
        if (error) errors.push(error);
      });
      stopping.set(entry, running);
    }
    return running;
  };
  await Promise.all(entries.map(downOf));
  return errors;
}

async function bringDown(entry: Entry, observer: TreeObserver): Promise<ResourceError | undefined> {
  const { resource } = entry;
  const startedAt = performance.now();
  observer.onPhase(resource.name, 'stopping', {});
  using limit = deadline(`stopping ${resource.name}`, resource.downTimeoutMs);
  try {
    // An `up` that was cut short may still be about to spawn: it gets a moment to end first.
    await Promise.race([entry.ended, delay(CUT_SHORT_MS, undefined, { ref: false })]);
    await orAborted(resource.down(limit.signal), limit.signal);
    entry.started = false;
    const elapsedMs = Math.round(performance.now() - startedAt);
    observer.onPhase(resource.name, 'stopped', { elapsedMs });
    return undefined;
  } catch (cause) {
    const error = new ResourceError(resource, 'did not go down', cause);
    observer.onPhase(resource.name, 'failed', { error });
    return error;
  }
}
