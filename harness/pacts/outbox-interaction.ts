/** What the contents of interactions with the outbox are: for its writers and for verification. */

/** A row by column; `payload` in base64. Columns of `contracts/spec/outbox.sql`, or others. */
export interface OutboxRow {
  readonly id: string;
  readonly aggregatetype: string;
  readonly aggregateid: string;
  readonly type: string;
  readonly payload: string;
  readonly traceparent: string | null;
  readonly [column: string]: string | null;
}

/** What is done in one of several transactions, which begin with their first step. */
export type OutboxStep = { readonly transaction: string } & (
  | { readonly insert: OutboxRow }
  /** By its id. */
  | { readonly delete: string }
  | { readonly ends: 'commit' | 'rollback' }
);

/** Transactions on the outbox of one database, as the request of a synchronous message. */
export interface OutboxRequest {
  readonly protocol: 'outbox';
  readonly database: string;
  readonly steps: readonly OutboxStep[];
}

export interface OutboxRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** In base64. */
  readonly value: string;
}

/** Every record that came of it, in the order in which it crossed; or the SQLSTATE of a refusal. */
export interface OutboxAnswer {
  readonly records?: readonly OutboxRecord[];
  readonly refused?: string;
}
