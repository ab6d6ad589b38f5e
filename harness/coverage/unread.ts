import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { unreadFolder } from '../pacts/unread.ts';
import type { Item } from './item.ts';

const UnreadFile = z.object({
  consumer: z.string(),
  provider: z.string(),
  unread: z.record(z.string(), z.array(z.string())),
});

/** Whether it is proven that a consumer makes no use of a field. */
export type IsUnread = (field: Item) => boolean;

/**
 * Reads what contract tests proved that consumers do not read: `contracts/unread/`. A name that
 * ends in `.*` stands for all fields below.
 */
export function readUnread(folder: string = unreadFolder()): IsUnread {
  const names = new Map<string, readonly string[]>();
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    if (!file.endsWith('.json')) continue;
    const text = readFileSync(join(folder, file), 'utf8');
    const { consumer, provider, unread } = UnreadFile.parse(JSON.parse(text));
    for (const [operation, fields] of Object.entries(unread)) {
      names.set([consumer, provider, operation].join('\n'), fields);
    }
  }
  return ({ consumer, provider, operation = '', name = '' }) =>
    (names.get([consumer, provider, operation].join('\n')) ?? []).some((known) =>
      known.endsWith('.*') ? name.startsWith(known.slice(0, -1)) : name === known,
    );
}
