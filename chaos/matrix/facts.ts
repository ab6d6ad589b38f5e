import { SAGAS } from '#contracts/spec/sagas.generated.ts';
import { TOPICS } from '#contracts/spec/topics.generated.ts';
import { TOPOLOGY } from '#contracts/spec/topology.generated.ts';
import type { Facts } from './boundaries.ts';

/** The sagas, services and topics of this system. */
export const FACTS: Facts = { sagas: SAGAS, topology: TOPOLOGY, topics: TOPICS };
