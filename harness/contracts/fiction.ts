import { validate as isUuid, v7 as uuidv7 } from 'uuid';

/**
 * The names that contracts use. They do not exist in a running system: verification replaces each
 * with a name that is new in every interaction, in requests, answers and records. So a contract can
 * say that a record's key is this very order, and can still be verified many times on one running
 * system.
 */
export const FICTION = {
  userId: 'user-of-the-contract',
  strangerId: 'stranger-of-the-contract',
  email: 'user-of-the-contract.mail@customers.example',
  accessToken: 'access-token-of-the-contract',
  strangerToken: 'access-token-of-a-stranger',
  jobId: '0193b3a0-0000-7000-8000-00000000000a',
  otherJobId: '0193b3a0-0000-7000-8000-00000000000b',
  orderId: '0193b3a0-0000-7000-8000-0000000000a1',
  otherOrderId: '0193b3a0-0000-7000-8000-0000000000a2',
  idempotencyKey: '0193b3a0-0000-7000-8000-0000000000c1',
  otherIdempotencyKey: '0193b3a0-0000-7000-8000-0000000000c2',
  messageId: '0193b3a0-0000-7000-8000-0000000000d1',
  causationId: '0193b3a0-0000-7000-8000-0000000000d2',
  socketId: '0193b3a0-0000-7000-8000-0000000000e1',
  pageToken: 'page-token-of-the-contract',
  sku: 'sku-of-the-contract',
  otherSku: 'other-sku-of-the-contract',
  cardToken: 'tok_ok_card-of-the-contract',
  declinedCardToken: 'tok_declined_card-of-the-contract',
  slowCardToken: 'tok_slow_1_card-of-the-contract',
  stuckCardToken: 'tok_slow_999_card-of-the-contract',
} as const;
export type FictionName = keyof typeof FICTION;

/** What each fictional name stands for in one interaction. */
export interface Names {
  /** The real one. */
  of(name: FictionName): string;
  /** Says which real one a name stands for, where the system under test makes it. */
  bind(name: FictionName, real: string): void;
  /** A JSON value of the contract, with the real names. */
  toReal<T>(value: T): T;
  /** A JSON value of the system, with the contract's names. */
  toFiction<T>(value: T): T;
  /** True when one of the real names is somewhere in the text. */
  occurIn(text: string): boolean;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** New real names for every fictional one. */
export function freshNames(): Names {
  const real = new Map<string, string>();
  for (const fiction of Object.values(FICTION)) {
    real.set(fiction, isUuid(fiction) ? uuidv7() : renamed(fiction));
  }
  return {
    of: (name) => real.get(FICTION[name]) ?? FICTION[name],
    bind: (name, value) => void real.set(FICTION[name], value),
    toReal: (value) => replaced(value, real),
    toFiction: (value) => replaced(value, new Map([...real].map(([key, name]) => [name, key]))),
    occurIn: (text) => [...real.values()].some((name) => text.includes(name)),
  };
}

/** Keeps how it begins, which may say something (`tok_declined_`), and how an address ends. */
function renamed(fiction: string): string {
  const own = uuidv7().slice(-12);
  return fiction.includes('@') ? `${own}.${fiction}` : `${fiction}.${own}`;
}

/** All at once, the longest first: no replacement is seen by another one. */
function replaced<T>(value: T, table: ReadonlyMap<string, string>): T {
  const names = [...table.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(names.map(escaped).join('|'), 'g');
  return JSON.parse(
    JSON.stringify(value).replace(pattern, (found) => table.get(found) ?? found),
  ) as T;
}
