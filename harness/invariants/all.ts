import type { Invariant } from '../checker/invariant.ts';
import { atMostOneEffect } from './at-most-one-effect.ts';
import { commandsAnswered } from './commands-answered.ts';
import { compensations } from './compensations.ts';
import { eventStoreMatchesKafka } from './event-store-matches-kafka.ts';
import { exactlyOnceNotification } from './exactly-once-notification.ts';
import { exactlyOneOutcome } from './exactly-one-outcome.ts';
import { fulfilmentMatchesOrder } from './fulfilment-matches-order.ts';
import { healthMatchesFaults } from './health-matches-faults.ts';
import { jobMonotone } from './job-monotone.ts';
import { jobUpdatesMatchSaga } from './job-updates-match-saga.ts';
import { mailsMatchOutcomes } from './mails-match-outcomes.ts';
import { metricsConsistent } from './metrics-consistent.ts';
import { moneyConserved } from './money-conserved.ts';
import { noAcknowledgedCommandLost } from './no-acknowledged-command-lost.ts';
import { noLeakedJob } from './no-leaked-job.ts';
import { noLeakedResources } from './no-leaked-resources.ts';
import { noOversell } from './no-oversell.ts';
import { outboxConservation } from './outbox-conservation.ts';
import { presenceEventsComplete } from './presence-events-complete.ts';
import { readModelEqualsFold } from './read-model-equals-fold.ts';
import { restIsolation } from './rest-isolation.ts';
import { sagaStepOrder } from './saga-step-order.ts';
import { schemaConformance } from './schema-conformance.ts';
import { secretsConfined } from './secrets-confined.ts';
import { traceUnbroken } from './trace-unbroken.ts';
import { wsDeliveryComplete } from './ws-delivery-complete.ts';
import { wsIsolation } from './ws-isolation.ts';

/** Every promise that a history is held to, in the order of the reports. */
export const INVARIANTS: readonly Invariant[] = [
  exactlyOneOutcome,
  noAcknowledgedCommandLost,
  noLeakedJob,
  jobMonotone,
  jobUpdatesMatchSaga,
  atMostOneEffect,
  fulfilmentMatchesOrder,
  noOversell,
  moneyConserved,
  sagaStepOrder,
  commandsAnswered,
  compensations,
  outboxConservation,
  eventStoreMatchesKafka,
  readModelEqualsFold,
  restIsolation,
  wsIsolation,
  wsDeliveryComplete,
  presenceEventsComplete,
  exactlyOnceNotification,
  mailsMatchOutcomes,
  traceUnbroken,
  noLeakedResources,
  schemaConformance,
  healthMatchesFaults,
  metricsConsistent,
  secretsConfined,
];
