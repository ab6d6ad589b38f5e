/** Kafka's requests by key: https://kafka.apache.org/protocol (names, flexible versions). */

export interface Api {
  /** As in `kafka.<name>`. */
  readonly name: string;
  /** The first version with compact lengths and tagged fields; `Infinity` for none. */
  readonly flexibleFrom: number;
  /** What the first field of the request is, where it is a text. */
  readonly first?: { readonly attribute: string; readonly until?: number };
  /** The answer begins with a throttle time from this version on, and then has an error code. */
  readonly error?: { readonly throttleFrom: number; readonly until?: number };
}

const NEVER = Number.POSITIVE_INFINITY;
const group = { attribute: 'group' } as const;
const transaction = { attribute: 'transactionalId' } as const;

export const APIS: Readonly<Record<number, Api>> = {
  0: { name: 'produce', flexibleFrom: 9 },
  1: { name: 'fetch', flexibleFrom: 12 },
  2: { name: 'list-offsets', flexibleFrom: 6 },
  3: { name: 'metadata', flexibleFrom: 9 },
  8: { name: 'offset-commit', flexibleFrom: 8 },
  9: { name: 'offset-fetch', flexibleFrom: 6, first: { ...group, until: 7 } },
  10: {
    name: 'find-coordinator',
    flexibleFrom: 3,
    first: { attribute: 'key', until: 3 },
    error: { throttleFrom: 1, until: 3 },
  },
  11: { name: 'join-group', flexibleFrom: 6, first: group, error: { throttleFrom: 2 } },
  12: { name: 'heartbeat', flexibleFrom: 4, first: group, error: { throttleFrom: 1 } },
  13: { name: 'leave-group', flexibleFrom: 4, first: group, error: { throttleFrom: 1 } },
  14: { name: 'sync-group', flexibleFrom: 4, first: group, error: { throttleFrom: 1 } },
  15: { name: 'describe-groups', flexibleFrom: 5 },
  16: { name: 'list-groups', flexibleFrom: 3 },
  17: { name: 'sasl-handshake', flexibleFrom: NEVER, error: { throttleFrom: NEVER } },
  18: { name: 'api-versions', flexibleFrom: 3, error: { throttleFrom: NEVER } },
  19: { name: 'create-topics', flexibleFrom: 5 },
  20: { name: 'delete-topics', flexibleFrom: 4 },
  21: { name: 'delete-records', flexibleFrom: 2 },
  22: {
    name: 'init-producer-id',
    flexibleFrom: 2,
    first: transaction,
    error: { throttleFrom: 0 },
  },
  23: { name: 'offset-for-leader-epoch', flexibleFrom: 4 },
  24: { name: 'add-partitions-to-txn', flexibleFrom: 3, first: { ...transaction, until: 3 } },
  25: {
    name: 'add-offsets-to-txn',
    flexibleFrom: 3,
    first: transaction,
    error: { throttleFrom: 0 },
  },
  26: { name: 'end-txn', flexibleFrom: 3, first: transaction, error: { throttleFrom: 0 } },
  28: { name: 'txn-offset-commit', flexibleFrom: 3, first: transaction },
  29: { name: 'describe-acls', flexibleFrom: 2 },
  32: { name: 'describe-configs', flexibleFrom: 4 },
  33: { name: 'alter-configs', flexibleFrom: 2 },
  36: { name: 'sasl-authenticate', flexibleFrom: 2, error: { throttleFrom: NEVER } },
  37: { name: 'create-partitions', flexibleFrom: 2 },
  42: { name: 'delete-groups', flexibleFrom: 2 },
  43: { name: 'elect-leaders', flexibleFrom: 2 },
  44: { name: 'incremental-alter-configs', flexibleFrom: 1 },
  45: { name: 'alter-partition-reassignments', flexibleFrom: 0 },
  46: { name: 'list-partition-reassignments', flexibleFrom: 0 },
  47: { name: 'offset-delete', flexibleFrom: NEVER },
  48: { name: 'describe-client-quotas', flexibleFrom: 1 },
  60: { name: 'describe-cluster', flexibleFrom: 0 },
  61: { name: 'describe-producers', flexibleFrom: 0 },
  65: { name: 'describe-transactions', flexibleFrom: 0 },
  66: { name: 'list-transactions', flexibleFrom: 0 },
  68: {
    name: 'consumer-group-heartbeat',
    flexibleFrom: 0,
    first: group,
    error: { throttleFrom: 0 },
  },
  69: { name: 'consumer-group-describe', flexibleFrom: 0 },
  71: { name: 'get-telemetry-subscriptions', flexibleFrom: 0, error: { throttleFrom: 0 } },
  72: { name: 'push-telemetry', flexibleFrom: 0, error: { throttleFrom: 0 } },
  75: { name: 'describe-topic-partitions', flexibleFrom: 0 },
};

/** Of a request that is not in the table: its fields are not read. */
export const UNKNOWN: Api = { name: 'other', flexibleFrom: NEVER };

export const PRODUCE = 0;
export const FETCH = 1;
export const METADATA = 3;
export const OFFSET_COMMIT = 8;
export const SASL_HANDSHAKE = 17;
export const API_VERSIONS = 18;
