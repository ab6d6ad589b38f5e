/** What a stream's metadata hides on stream reads; pure. */
import { type CurrentRevision, DELETED_REVISION } from './store.ts';

export interface Truncation {
  readonly maxCount?: bigint;
  readonly maxAgeSeconds?: bigint;
  /** `$tb`: events before this revision are hidden. */
  readonly truncateBefore?: bigint;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Reads the truncating keys of a `$metadata` event. Bytes that are not a JSON object, and keys with
 * a value of the wrong kind, count as absent: the real server keeps such an event as well.
 */
export function parseTruncation(data: Uint8Array): Truncation {
  const json = parseObject(data);
  const maxCount = positiveInteger(json['$maxCount']);
  const maxAgeSeconds = positiveInteger(json['$maxAge']);
  const truncateBefore = nonNegativeInteger(json['$tb']);
  return {
    ...(maxCount === undefined ? {} : { maxCount }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    ...(truncateBefore === undefined ? {} : { truncateBefore }),
  };
}

export function isSoftDeleted(truncation: Truncation): boolean {
  return truncation.truncateBefore === DELETED_REVISION;
}

/** The metadata of a stream whose every event is to be hidden. */
export function softDeleteMetadata(): Uint8Array {
  return encoder.encode(`{"$tb":${DELETED_REVISION}}`);
}

/** The same metadata with everything before `revision` hidden, and the rest visible again. */
export function undeleteMetadata(data: Uint8Array, revision: bigint): Uint8Array {
  return encoder.encode(JSON.stringify({ ...parseObject(data), $tb: Number(revision) }));
}

/** The first revision that `$tb` and `$maxCount` leave visible. */
export function firstVisibleRevision(truncation: Truncation, current: CurrentRevision): bigint {
  const byTruncateBefore = truncation.truncateBefore ?? 0n;
  if (current === 'no_stream' || truncation.maxCount === undefined) return byTruncateBefore;
  const byMaxCount = current - truncation.maxCount + 1n;
  return byMaxCount > byTruncateBefore ? byMaxCount : byTruncateBefore;
}

function parseObject(data: Uint8Array): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(decoder.decode(data));
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : {};
  } catch {
    // Not JSON: nothing is truncated by it.
    return {};
  }
}

function positiveInteger(value: unknown): bigint | undefined {
  const integer = nonNegativeInteger(value);
  return integer === 0n ? undefined : integer;
}

function nonNegativeInteger(value: unknown): bigint | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return undefined;
  // JSON.parse rounds 2^63 − 1 up to 2^63, so everything from there on means "deleted".
  return value >= 2 ** 63 ? DELETED_REVISION : BigInt(value);
}
