/** Read: what was asked, and the answer when it is a plain read and not a subscription. */
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { nextTurn } from '../cursor.ts';
import type { Direction, EventStore, RecordedEvent } from '../store.ts';
import { DELETED_REVISION } from '../store.ts';
import { invalidArgument, streamDeleted } from './errors.ts';
import { type Filter, fromFilterOptions } from './filter.ts';
import { fromStreamIdentifier, toStreamIdentifier } from './identifiers.ts';
import { type LinkFormat, toResolvedEvent } from './links.ts';

/** Rows per query: large enough to amortise it, small enough not to hold the event loop. */
export const PAGE_EVENTS = 256;

/** `start` and `end`, or a revision or position. */
export type ReadFrom = 'start' | 'end' | bigint;

export type ReadSource =
  | { readonly kind: 'stream'; readonly stream: string; readonly from: ReadFrom }
  | { readonly kind: 'all'; readonly from: ReadFrom; readonly filter: Filter | undefined };

export interface ReadRequest {
  readonly source: ReadSource;
  readonly direction: Direction;
  /** Undefined for a subscription. */
  readonly maxCount: bigint | undefined;
  readonly format: LinkFormat;
}

/** Sends one message; resolves when the next one may be sent. */
export type Send = (message: streamsPb.ReadResp) => Promise<void>;

export function fromReadOptions(options: streamsPb.ReadReq.Options | undefined): ReadRequest {
  if (options === undefined) throw invalidArgument('The options of the read are missing.');
  const uuidOption = options.getUuidOption();
  if (uuidOption === undefined) throw invalidArgument('The uuid_option of the read is missing.');
  if (!options.hasCount() && !options.hasSubscription()) {
    throw invalidArgument('The read has neither a count nor a subscription.');
  }
  const isBackwards =
    options.getReadDirection() === streamsPb.ReadReq.Options.ReadDirection.BACKWARDS;
  if (isBackwards && options.hasSubscription()) {
    throw invalidArgument('A subscription cannot go backwards.');
  }
  return {
    source: fromSource(options),
    direction: isBackwards ? 'backwards' : 'forwards',
    maxCount: options.hasCount() ? BigInt(options.getCount()) : undefined,
    format: {
      hasStructuredIds: uuidOption.hasStructured(),
      resolvesLinks: options.getResolveLinks(),
    },
  };
}

function fromSource(options: streamsPb.ReadReq.Options): ReadSource {
  const stream = options.getStream();
  if (stream !== undefined) {
    const name = fromStreamIdentifier(stream.getStreamIdentifier());
    const revision = stream.hasRevision() ? BigInt(stream.getRevision()) : undefined;
    return { kind: 'stream', stream: name, from: fromStart(stream, revision) };
  }
  const all = options.getAll();
  if (all === undefined) throw invalidArgument('The read names neither a stream nor $all.');
  const position = all.getPosition()?.getCommitPosition();
  return {
    kind: 'all',
    from: fromStart(all, position === undefined ? undefined : BigInt(position)),
    filter: fromFilterOptions(options.getFilter()),
  };
}

function fromStart(
  option: { hasStart(): boolean; hasEnd(): boolean },
  exact: bigint | undefined,
): ReadFrom {
  if (exact !== undefined) return exact;
  if (option.hasEnd()) return 'end';
  if (option.hasStart()) return 'start';
  throw invalidArgument('The read does not say where to start.');
}

/** Answers a read page by page, so that its memory does not grow with its result. */
export async function read(store: EventStore, request: ReadRequest, send: Send): Promise<void> {
  let remaining = request.maxCount ?? 0n;
  for await (const event of walk(store, request)) {
    if (event === 'not-found') return send(toNotFound(request.source));
    if (remaining === 0n) return;
    remaining -= 1n;
    await send(await toResolvedEvent(store, event, request.format));
    if (remaining === 0n) return;
  }
}

function toNotFound(source: ReadSource): streamsPb.ReadResp {
  const stream = source.kind === 'stream' ? source.stream : '$all';
  return new streamsPb.ReadResp().setStreamNotFound(
    new streamsPb.ReadResp.StreamNotFound().setStreamIdentifier(toStreamIdentifier(stream)),
  );
}

async function* walk(
  store: EventStore,
  { source, direction, maxCount }: ReadRequest,
): AsyncGenerator<RecordedEvent | 'not-found'> {
  const wanted = maxCount ?? 0n;
  const isFiltered = source.kind === 'all' && source.filter !== undefined;
  const limit = isFiltered || wanted > PAGE_EVENTS ? PAGE_EVENTS : Math.max(Number(wanted), 1);
  let from = toNumber(source.from);
  for (;;) {
    const page =
      source.kind === 'stream'
        ? await store.readStream({ stream: source.stream, from, direction, limit })
        : { kind: 'page' as const, ...(await store.readAll({ from, direction, limit })) };
    if (page.kind === 'not-found') {
      yield 'not-found';
      return;
    }
    if (page.kind === 'stream-deleted') {
      throw streamDeleted(source.kind === 'stream' ? source.stream : '$all');
    }
    for (const event of page.events) {
      if (source.kind === 'stream' || source.filter?.passes(event) !== false) yield event;
    }
    const last = page.events.at(-1);
    if (page.isEnd || last === undefined) return;
    from = afterEvent(source, direction, last);
    if (from < 0n) return;
    await nextTurn();
  }
}

/** No event lies at or after the end, so reading forwards from there gives nothing. */
function toNumber(from: ReadFrom): bigint {
  if (from === 'start') return 0n;
  return from === 'end' ? DELETED_REVISION : from;
}

function afterEvent(source: ReadSource, direction: Direction, last: RecordedEvent): bigint {
  if (source.kind === 'stream') return last.revision + (direction === 'forwards' ? 1n : -1n);
  return direction === 'forwards' ? last.position + 1n : last.position;
}
