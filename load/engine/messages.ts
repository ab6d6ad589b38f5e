import type { LoadModel } from '../model/model-schema.ts';
import type { PackedLatencies } from './latencies.ts';

/** What passes between the run and the threads that make its load. */

/** A customer of the load, by a number that the ids of its jobs carry. */
export interface Customer {
  readonly user: number;
  readonly userId: string;
  readonly token: string;
}

/** A node of the tier. */
export interface TierNode {
  readonly id: string;
  readonly url: string;
}

/** What every thread knows. */
interface Work {
  readonly model: LoadModel;
  readonly seed: string;
  /** Eight hex digits: the ids of the run's jobs begin with them. */
  readonly runTag: string;
  readonly runFolder: string;
  readonly scenario: string;
  /** Of this thread. */
  readonly customers: readonly Customer[];
}

/** Opens sockets, and places orders where the model says so. */
export interface SocketWork extends Work {
  readonly role: 'sockets';
  readonly nodes: readonly TierNode[];
  /** This thread's place among those that share the model's rates. */
  readonly place: number;
  readonly places: number;
  readonly orders?: { readonly gateway: string; readonly sku: string; readonly cardToken: string };
}

/** Publishes updates in place of sagas. */
export interface PublisherWork extends Work {
  readonly role: 'publisher';
  readonly bootstrap: string;
  readonly registryUrl: string;
}

export type LoadWork = SocketWork | PublisherWork;

/**
 * `sent`: updates published · `attempts`, `errors`: handshakes and commands, and those that were
 * refused or broke · `lost`: sockets that ended unasked · `closedSlow`: those of stalled readers.
 */
export const COUNTS = [
  ...(['sent', 'publishFailed', 'frames', 'bytes'] as const),
  ...(['gap', 'duplicate', 'reorder', 'leak'] as const),
  ...(['attempts', 'errors', 'lost', 'closedSlow', 'accepted', 'finished'] as const),
];
export type Count = (typeof COUNTS)[number];
export type Counts = Record<Count, number>;

export const noCounts = (): Counts =>
  Object.fromEntries(COUNTS.map((name) => [name, 0])) as unknown as Counts;

/** What a thread did since its last sample. */
export interface WorkerSample {
  readonly counts: Partial<Counts>;
  readonly latencies: PackedLatencies;
  readonly openSockets: number;
  /** Sockets that have subscribed, of those that the thread is to open. */
  readonly readySockets: number;
  readonly loopDelayMs: number;
}

export type ToWorker =
  /** Sockets are ready: arrivals begin at this time. */
  | { readonly what: 'start'; readonly atMs: number }
  /** No more arrivals. */
  | { readonly what: 'stop' }
  /** Stalled sockets read again. */
  | { readonly what: 'read' }
  /** Counts what is missing, closes all sockets and ends. */
  | { readonly what: 'finish'; readonly published: readonly number[] };

export type FromWorker =
  | { readonly what: 'sample'; readonly sample: WorkerSample }
  /** All arrivals are over; of a publisher, how many updates each customer had. */
  | { readonly what: 'stopped'; readonly published?: readonly number[] }
  | {
      readonly what: 'finished';
      readonly missing: number;
      readonly unfinished: number;
      readonly stalledBacklogBytesMax?: number;
    };
