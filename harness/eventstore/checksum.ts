/** Finds bytes that changed on disk: SQLite checks the structure of its pages, not their content. */
import { crc32 } from 'node:zlib';
import type { ProposedEvent } from './store.ts';

/** CRC-32 of what an event says. */
export function checksumOf({ id, type, data, metadata }: ProposedEvent): number {
  return crc32(metadata, crc32(data, crc32(`${id} ${type}`)));
}
