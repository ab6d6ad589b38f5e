/** Finds bytes that changed on disk: SQLite checks how its pages fit, not what they say. */
import { crc32 } from 'node:zlib';
import type { ProposedEvent } from './store.ts';

/** CRC-32 of what an event says. */
export function checksumOf({ id, type, data, metadata }: ProposedEvent): number {
  return crc32(metadata, crc32(data, crc32(`${id} ${type}`)));
}
