import type { Unrecorded } from '../history/event.ts';
import type { Shard } from '../history/shard.ts';

/** What an overloaded service answers, by HTTP and by gRPC; 0: nothing. */
const STATUSES: ReadonlySet<unknown> = new Set([
  ...[0, 408, 429, 502, 503, 504],
  ...['DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'UNAVAILABLE'],
]);
/** The connection was lost; the server failed; it restarts; try again later. */
const CLOSE_CODES: ReadonlySet<unknown> = new Set([1006, 1011, 1012, 1013]);

/** Records on a shard and counts what an overloaded system does to its clients. */
export class LoadCounter implements Shard {
  /** Operations without an answer or refused for load, and sockets that broke. */
  refused = 0;
  readonly close: () => void;
  readonly #shard: Shard;

  constructor(shard: Shard) {
    this.#shard = shard;
    this.close = shard.close;
  }

  record = (event: Unrecorded): void => {
    if (isRefusedForLoad(event)) this.refused += 1;
    this.#shard.record(event);
  };
}

const isRefusedHandshake = ({ status }: { readonly status?: unknown }): boolean =>
  status !== undefined && STATUSES.has(status);

function isRefusedForLoad(event: Unrecorded): boolean {
  if (event.type === 'ws') return CLOSE_CODES.has(event.closeCode) || isRefusedHandshake(event);
  return (event.type === 'fail' || event.type === 'info') && STATUSES.has(event.status);
}
