import { asDocumented } from './as-documented.ts';
import { asOrdered } from './as-ordered.ts';
import { atMostOneEffect } from './at-most-one-effect.ts';
import { commandsAnswered } from './commands-answered.ts';
import { compensations } from './compensations.ts';
import type { Invariant } from './invariant.ts';
import { jobMonotone } from './job-monotone.ts';
import { jobTellsSaga } from './job-tells-saga.ts';
import { logAndBrokerAgree } from './log-and-broker-agree.ts';
import { moneyConserved } from './money-conserved.ts';
import { noAcknowledgedCommandLost } from './no-acknowledged-command-lost.ts';
import { noLeakedJob } from './no-leaked-job.ts';
import { noOversell } from './no-oversell.ts';
import { nothingLeftOver } from './nothing-left-over.ts';
import { oneNotification } from './one-notification.ts';
import { outboxConservation } from './outbox-conservation.ts';
import { readModelEqualsFold } from './read-model-equals-fold.ts';
import { restIsolation } from './rest-isolation.ts';
import { sagaInOrder } from './saga-in-order.ts';
import { socketsTold } from './sockets-told.ts';
import { terminalOnce } from './terminal-once.ts';
import { traceUnbroken } from './trace-unbroken.ts';
import { wsComplete } from './ws-complete.ts';
import { wsIsolation } from './ws-isolation.ts';

/** Every promise that a history is held to, in the order that reports tell them in. */
export const INVARIANTS: readonly Invariant[] = [
  terminalOnce,
  noAcknowledgedCommandLost,
  noLeakedJob,
  jobMonotone,
  jobTellsSaga,
  atMostOneEffect,
  asOrdered,
  noOversell,
  moneyConserved,
  sagaInOrder,
  commandsAnswered,
  compensations,
  outboxConservation,
  logAndBrokerAgree,
  readModelEqualsFold,
  restIsolation,
  wsIsolation,
  wsComplete,
  socketsTold,
  oneNotification,
  traceUnbroken,
  nothingLeftOver,
  asDocumented,
];
