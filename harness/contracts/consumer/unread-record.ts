import { validate as isUuid } from 'uuid';
import { fieldPaths } from '../../pacts/field-paths.ts';
import type { UnreadFields } from '../../pacts/unread.ts';
import { at, leavesOf, type Path } from './leaves.ts';

type Json = Readonly<Record<string, unknown>>;

/** Headers that a record may have and a contract may omit, each as coverage names it. */
const OTHER_HEADERS = [
  { header: 'id', field: 'header.id', text: '0193b3a0-eeee-7eee-beee-eeeeeeeeeeee' },
  {
    header: 'traceparent',
    field: 'header.traceparent',
    text: `00-${'5e'.repeat(16)}-${'6f'.repeat(8)}-01`,
  },
  { header: '__debezium.context.runId', field: 'header.__debezium.*', text: 'a run' },
] as const;

/** A record of a contract, and what its consumer makes of others like it. */
export interface RecordProbes {
  /** As coverage names it. */
  readonly operation: string;
  /** The value and the headers in the contract. */
  readonly promised: Json;
  readonly headers: Json;
  /** The value with everything that its schema has. */
  readonly whole: Json;
  /** The whole value with other things at a path, as the schema allows. */
  readonly othersAt: (path: Path) => readonly Json[];
  /** Whether the consumer makes the same of this value, with more headers. */
  readonly changesNothing: (value: Json, headers?: Json) => Promise<boolean>;
}

/** Finds fields that are not in the contract and that the consumer does not use. */
export async function noteUnread(unread: UnreadFields, probes: RecordProbes): Promise<void> {
  const { operation, promised, whole, othersAt, changesNothing } = probes;
  const known = fieldPaths(promised);
  for (const path of leavesOf(whole)) {
    const field = fieldAt(path);
    if (known.has(field)) continue;
    const others = unlike(at(whole, path), othersAt(path), path);
    if (others.length === 0) continue;
    const same = await Promise.all(others.map((value) => changesNothing(value)));
    unread.note(operation, [field], same.every(Boolean));
  }
  for (const { header, field, text } of OTHER_HEADERS) {
    if (header in probes.headers) continue;
    unread.note(operation, [field], await changesNothing(whole, { [header]: text }));
  }
}

/** A path as coverage writes it. */
const fieldAt = (path: Path): string =>
  path
    .map((key) => (typeof key === 'number' ? '[]' : `.${key}`))
    .join('')
    .slice(1);

/** Only really other values, and for an id only another id. */
function unlike(value: unknown, others: readonly Json[], path: Path): Json[] {
  const differing = others.filter((other) => at(other, path) !== value);
  if (typeof value !== 'string' || !isUuid(value)) return differing;
  return differing.filter((other) => isUuid(at(other, path)));
}
