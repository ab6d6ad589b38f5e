/** How the sagas go on: pure answers to replies and to timers. */
import { broken } from './domain-invariant.ts';
import type {
  CommandFate,
  IgnoreReason,
  Order,
  OrderDetails,
  OrderState,
  Output,
  Policy,
  Reply,
  RunningSaga,
  Saga,
  TimerFired,
} from './domain-model.ts';
import { ruleOf, STEPS, type StepRule, type UndoRule } from './domain-steps.ts';

/** A running saga with everything that an answer to it needs. */
interface Turn {
  readonly state: OrderState;
  readonly order: Order;
  readonly running: RunningSaga;
  readonly rule: StepRule;
  readonly at: number;
  readonly policy: Policy;
}

/** The outputs that begin a saga: its first command. */
export function begin(saga: Saga, jobId: string, order: OrderDetails, policy: Policy): Output[] {
  const [first] = STEPS[saga];
  if (first === undefined) broken(`${saga} has no steps`);
  return [sendStep({ saga, jobId, rule: first, attempt: 1 }, order, policy)];
}

/** What a participant's event leads to. */
export function onReply(reply: Reply, state: OrderState, policy: Policy): readonly Output[] {
  const { causationId, event } = reply;
  if (causationId === null || !REPLY_TYPES.has(event.type)) return ignore('not-a-reply');
  const fate = state.commands[causationId];
  if (fate === undefined) return ignore('cause-unknown');
  if (fate !== 'awaited') return ignore(IGNORED_FATES[fate]);

  const turn = turnOf(state, policy);
  if (turn === undefined) broken('a command is awaited although no saga runs');
  return turn.running.direction === 'do'
    ? onStepAnswered(turn, reply)
    : onUndoAnswered(turn, undoOf(turn.rule), event);
}

/** What the end of a wait leads to. */
export function onTimer(timer: TimerFired, state: OrderState, policy: Policy): readonly Output[] {
  const turn = turnOf(state, policy);
  if (turn === undefined || turn.running.timerId !== timer.timerId) {
    return ignore('timer-superseded');
  }
  const { running, rule } = turn;
  if (running.waitsFor === 'retry') {
    return again(turn, running.attempt, running.retryReason ?? TIMED_OUT);
  }
  if (running.direction === 'do' && rule.undo !== undefined) {
    return giveUp(turn, { reason: TIMED_OUT, timedOut: true });
  }
  return again(turn, running.attempt + 1, TIMED_OUT);
}

const TIMED_OUT = 'step-timed-out';

const IGNORED_FATES = {
  answered: 'answered-already',
  'given-up': 'too-late',
} as const satisfies Record<Exclude<CommandFate, 'awaited'>, IgnoreReason>;

const REPLY_TYPES: ReadonlySet<string> = new Set(
  Object.values(STEPS)
    .flat()
    .flatMap((rule) => [rule.done, rule.refused, rule.failed, rule.undo?.done, rule.undo?.refused])
    .filter((type) => type !== undefined),
);

function turnOf(state: OrderState, policy: Policy): Turn | undefined {
  const { running, order } = state;
  if (running === undefined || order === undefined) return undefined;
  return { state, order, running, policy, ...ruleOf(running.saga, running.step) };
}

function onStepAnswered(turn: Turn, { event, causationId }: Reply): readonly Output[] {
  const { rule, running, policy } = turn;
  switch (event.type) {
    case rule.done:
      return advance(turn);
    case rule.refused:
      return giveUp(turn, { reason: reasonOf(event), timedOut: false });
    case rule.failed:
      // Only the newest attempt's failure counts: the answer to a newer one is still to come.
      if (causationId !== running.timerId) return ignore('answered-already');
      return [
        {
          kind: 'Schedule',
          ...place(running),
          attempt: running.attempt + 1,
          reason: reasonOf(event),
          waitMs: backoffMs(running.attempt, policy),
        },
      ];
    default:
      return ignore('reply-unexpected');
  }
}

function onUndoAnswered(turn: Turn, undo: UndoRule, event: Reply['event']): readonly Output[] {
  const { running, at, order, state, policy } = turn;
  if (event.type === undo.refused) {
    // The step took effect for good although no answer came in time: nothing was undone yet (it is
    // the newest step), so the saga goes forward again.
    return advance(turn);
  }
  if (event.type !== undo.done) return ignore('reply-unexpected');
  const compensated: Output = {
    kind: 'Publish',
    jobId: running.jobId,
    event: {
      type: 'SagaStepCompensated',
      saga: running.saga,
      step: running.step,
      effective: 'effective' in event && event.effective,
    },
  };
  const earlier = lastUndoable(running.saga, at);
  if (earlier !== undefined) return [compensated, undoCommand(running, earlier, 1, policy)];
  if (state.failure === undefined) broken('a compensation runs for no reason');
  return [compensated, ...reject(state, order, running, state.failure)];
}

/** The step is done: the next one, or the end of the saga. */
function advance({ state, order, running, rule, at, policy }: Turn): readonly Output[] {
  const { saga, jobId } = running;
  const completed: Output = {
    kind: 'Publish',
    jobId,
    event: { type: 'SagaStepCompleted', saga, step: rule.step },
  };
  const next = STEPS[saga][at + 1];
  if (next !== undefined) {
    return [completed, sendStep({ saga, jobId, rule: next, attempt: 1 }, order, policy)];
  }
  const { contactEmail, total } = order;
  if (saga === 'CANCEL_ORDER') {
    return [
      completed,
      { kind: 'Complete', jobId, event: { type: 'OrderCancelled', contactEmail } },
    ];
  }
  const waiting = state.cancellationJobId;
  return [
    completed,
    { kind: 'Complete', jobId, event: { type: 'OrderApproved', total, contactEmail } },
    ...(waiting === undefined ? [] : begin('CANCEL_ORDER', waiting, order, policy)),
  ];
}

/** The step failed for good: undo what was done, newest first, and then refuse. */
function giveUp(
  { state, order, running, rule, at, policy }: Turn,
  { reason, timedOut }: { readonly reason: string; readonly timedOut: boolean },
): readonly Output[] {
  const { saga, jobId } = running;
  const failed: Output = {
    kind: 'Publish',
    jobId,
    event: { type: 'SagaStepFailed', saga, step: rule.step, reason, timedOut },
  };
  if (saga === 'CANCEL_ORDER') {
    return [failed, refuseCancellation(jobId, reason, order)];
  }
  // It is unknown whether a silent step took effect, so it is undone as well.
  const newest = timedOut ? rule : lastUndoable(saga, at);
  if (newest === undefined) return [failed, ...reject(state, order, running, reason)];
  return [
    failed,
    { kind: 'Publish', jobId, event: { type: 'SagaCompensationStarted', saga, reason } },
    undoCommand(running, newest, 1, policy),
  ];
}

function reject(state: OrderState, order: Order, running: RunningSaga, reason: string): Output[] {
  const { contactEmail } = order;
  const waiting = state.cancellationJobId;
  return [
    {
      kind: 'Complete',
      jobId: running.jobId,
      event: { type: 'OrderRejected', reason, contactEmail },
    },
    ...(waiting === undefined ? [] : [refuseCancellation(waiting, 'order-rejected', order)]),
  ];
}

function refuseCancellation(jobId: string, reason: string, { contactEmail }: Order): Output {
  const event = { type: 'OrderCancellationRefused', reason, contactEmail } as const;
  return { kind: 'Complete', jobId, event };
}

function again(turn: Turn, attempt: number, reason: string): readonly Output[] {
  const { running, rule, order, policy } = turn;
  const { saga, step, jobId, direction } = running;
  return [
    { kind: 'Publish', jobId, event: { type: 'SagaStepRetried', saga, step, attempt, reason } },
    direction === 'do'
      ? sendStep({ saga, jobId, rule, attempt }, order, policy)
      : undoCommand(running, rule, attempt, policy),
  ];
}

function sendStep(
  at: {
    readonly saga: Saga;
    readonly jobId: string;
    readonly rule: StepRule;
    readonly attempt: number;
  },
  order: OrderDetails,
  policy: Policy,
): Output {
  const { saga, jobId, rule, attempt } = at;
  return {
    kind: 'Send',
    saga,
    jobId,
    step: rule.step,
    direction: 'do',
    attempt,
    timeoutMs: policy.stepTimeoutMs,
    command: rule.command(order, attempt),
  };
}

function undoCommand(
  { saga, jobId }: RunningSaga,
  rule: StepRule,
  attempt: number,
  policy: Policy,
): Output {
  return {
    kind: 'Send',
    saga,
    jobId,
    step: rule.step,
    direction: 'undo',
    attempt,
    timeoutMs: policy.stepTimeoutMs,
    command: undoOf(rule).command,
  };
}

function lastUndoable(saga: Saga, before: number): StepRule | undefined {
  return STEPS[saga].slice(0, before).findLast((rule) => rule.undo !== undefined);
}

function undoOf(rule: StepRule): UndoRule {
  if (rule.undo === undefined) broken(`${rule.step} cannot be undone`);
  return rule.undo;
}

function backoffMs(attempt: number, { backoffFirstMs, backoffMaxMs }: Policy): number {
  return Math.min(backoffFirstMs * 2 ** (attempt - 1), backoffMaxMs);
}

function reasonOf(event: Reply['event']): string {
  if (!('reason' in event)) broken(`${event.type} carries no reason`);
  return event.reason;
}

function place({ saga, step, direction, jobId }: RunningSaga) {
  return { saga, step, direction, jobId };
}

function ignore(reason: IgnoreReason): readonly Output[] {
  return [{ kind: 'Ignore', reason }];
}
