/** Sagas and their outcomes by the names that clients and notifications use for them. */
import { SAGAS } from '#contracts/spec/sagas.generated.ts';
import type { SagaName } from '../kernel/system.ts';

const kebabCase = (name: string): string => name.replace(/\B[A-Z]/g, '-$&').toLowerCase();

/** By the name of the client's operation, `place-order`: the saga that it starts. */
export const SAGA_OF_OPERATION: ReadonlyMap<string, SagaName> = new Map(
  SAGAS.map(({ name, trigger }) => [kebabCase(trigger.rpc), name]),
);

/** By the kind of a notification, `order-approved`: the event that ended the saga. */
export const OUTCOME_OF_KIND: ReadonlyMap<string, string> = new Map(
  SAGAS.flatMap(({ outcomes }) =>
    Object.values(outcomes).map(({ event }) => [kebabCase(event), event] as const),
  ),
);
