import type { RestResponse } from '../../harness/clients/rest.ts';
import type { RpcResult } from '../../harness/clients/rpc.ts';
import type { Findings } from './findings.ts';

/** A list that can be read page by page. */
export interface Pages<T> {
  readonly name: string;
  /** @param size undefined: as many as the service gives of its own accord */
  readonly fetch: (size: number | undefined, token: string) => Promise<Page<T>>;
}

interface Page<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly next: string;
}

/** The public default of both lists. */
const SIZE_DEFAULT = 20;
/** More than any list of the workload has. */
const PAGES_MAX = 300;

/** Reads a list to its end and checks each page: its length, its cursor, and that it has news. */
export async function walk<T>(
  { name, fetch }: Pages<T>,
  size: number | undefined,
  findings: Findings,
): Promise<T[]> {
  const about = findings.about(`${name} in pages of ${size ?? 'the default'}`);
  const all: T[] = [];
  const tokens = new Set<string>();
  for (let token = ''; ; ) {
    const { items, next } = await fetch(size, token);
    all.push(...items);
    if (items.length > (size ?? SIZE_DEFAULT)) about.add(`a page has ${items.length} entries`);
    if (items.length === 0 && token !== '') about.add('there is a page behind the last one');
    if (next === '') return all;
    if (tokens.has(next) || tokens.size > PAGES_MAX) {
      about.add(`the pages do not end: ${all.length} entries so far`);
      return all;
    }
    tokens.add(next);
    token = next;
  }
}

/** The pages of a list that REST answers with. */
export const restPages = <T>(
  name: string,
  list: string,
  get: (query: string) => Promise<RestResponse>,
): Pages<T> => ({
  name,
  async fetch(size, token) {
    const query = new URLSearchParams();
    if (size !== undefined) query.set('pageSize', String(size));
    if (token !== '') query.set('pageToken', token);
    const { status, body } = await get(query.size === 0 ? '' : `?${query}`);
    if (status !== 200) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`);
    return {
      items: body[list] as readonly T[],
      next: (body['nextPageToken'] as string | null) ?? '',
    };
  },
});

/** The pages of a list that gRPC answers with. */
export const rpcPages = <M extends { readonly nextPageToken: string }, T>(
  name: string,
  itemsOf: (message: M) => readonly T[],
  call: (pageSize: number, pageToken: string) => Promise<RpcResult<M>>,
): Pages<T> => ({
  name,
  async fetch(size, token) {
    const result = await call(size ?? 0, token);
    if (!result.ok) throw new Error(`${name}: ${result.status} ${result.details}`);
    return { items: itemsOf(result.message), next: result.message.nextPageToken };
  },
});
