/**
 * The order and its two sagas as one decider over one stream: `decide` says what happens next,
 * `evolve` folds what happened. Pure: time, identities and waiting come from outside.
 */

import { broken } from './domain-invariant.ts';
import type {
  CancelOrder,
  CommandFate,
  Decision,
  Input,
  Order,
  OrderState,
  Output,
  PlaceOrder,
  Policy,
  Rejected,
  RunningSaga,
  StoredEvent,
  StoredFact,
  StoredPublicEvent,
} from './domain-model.ts';
import { begin, onReply, onTimer } from './domain-saga.ts';

export type * from './domain-model.ts';

export const initialState: OrderState = {
  status: 'none',
  sequence: 0,
  reason: '',
  cancellationJobIds: [],
  commands: {},
};

/** What an input leads to in this state; never throws for anything that may come from outside. */
export function decide(input: Input, state: OrderState, policy: Policy): Decision {
  switch (input.kind) {
    case 'PlaceOrder':
      return placeOrder(input, state, policy);
    case 'CancelOrder':
      return cancelOrder(input, state, policy);
    case 'Reply':
      return decided(onReply(input, state, policy));
    case 'TimerFired':
      return decided(onTimer(input, state, policy));
    default:
      return input satisfies never;
  }
}

/** The facts that outputs are stored as, one each, in their order. */
export function toFacts(
  outputs: readonly Output[],
  state: OrderState,
  at: { readonly orderId: string; readonly userId: string; readonly nowMs: number },
): readonly StoredFact[] {
  let sequence = state.sequence;
  return outputs.flatMap((output): StoredFact[] => {
    if (output.kind === 'Ignore') return [];
    const { orderId, userId, nowMs: occurredAt } = at;
    switch (output.kind) {
      case 'Send': {
        const { kind: _, ...sent } = output;
        return [{ kind: 'command', orderId, userId, occurredAt, ...sent }];
      }
      case 'Schedule': {
        const { kind: _, ...wait } = output;
        return [{ kind: 'wait', orderId, userId, occurredAt, ...wait }];
      }
      case 'Publish':
      case 'Complete': {
        const { kind: _, event: payload, ...rest } = output;
        sequence += 1;
        return [{ kind: 'public', orderId, userId, occurredAt, sequence, payload, ...rest }];
      }
      default:
        return output satisfies never;
    }
  });
}

/** The state after a stored event. */
export function evolve(state: OrderState, { id, fact }: StoredEvent): OrderState {
  switch (fact.kind) {
    case 'public':
      return evolvePublic({ ...state, sequence: fact.sequence }, fact);
    case 'command':
      return {
        ...state,
        status: fact.saga === 'CANCEL_ORDER' ? 'cancelling' : state.status,
        commands: { ...state.commands, [id]: 'awaited' },
        running: { ...runningOf(fact), timerId: id, waitsFor: 'reply' },
      };
    case 'wait': {
      const failed = state.running?.timerId;
      return {
        ...state,
        commands:
          failed === undefined ? state.commands : { ...state.commands, [failed]: 'answered' },
        running: {
          ...runningOf(fact),
          timerId: id,
          waitsFor: 'retry',
          retryReason: fact.reason,
        },
      };
    }
    default:
      return fact satisfies never;
  }
}

/** What a stored event does to the order's wait; the order has one at most. */
export function waitAfter(fact: StoredFact): { readonly beginsMs: number } | 'ends' | 'unchanged' {
  switch (fact.kind) {
    case 'command':
      return { beginsMs: fact.timeoutMs };
    case 'wait':
      return { beginsMs: fact.waitMs };
    case 'public':
      // The wish to cancel changes nothing in the saga that runs; what begins a saga begins a wait.
      return fact.payload.type === 'OrderCancellationRequested' ? 'unchanged' : 'ends';
    default:
      return fact satisfies never;
  }
}

function placeOrder(command: PlaceOrder, state: OrderState, policy: Policy): Decision {
  if (state.order !== undefined) {
    const same =
      state.order.requestHash === command.requestHash && state.order.userId === command.userId;
    return same ? REPEATED : refuse('idempotency-key-reused');
  }
  const { jobId, lines, total, requestHash, cardToken, address, contactEmail } = command;
  return decided([
    {
      kind: 'Publish',
      jobId,
      event: { type: 'OrderPlaced', lines, total },
      placement: { requestHash, cardToken, address, contactEmail },
    },
    ...begin('PLACE_ORDER', jobId, command, policy),
  ]);
}

function cancelOrder(command: CancelOrder, state: OrderState, policy: Policy): Decision {
  const { jobId } = command;
  const { order, status } = state;
  if (order === undefined || order.userId !== command.userId) return refuse('order-not-found');
  if (state.cancellationJobIds.includes(jobId)) return REPEATED;
  const requested: Output = {
    kind: 'Publish',
    jobId,
    event: { type: 'OrderCancellationRequested' },
  };
  if (status === 'approved') {
    return decided([requested, ...begin('CANCEL_ORDER', jobId, order, policy)]);
  }
  // While PlaceOrder runs the wish is only written down: one saga at a time moves the order.
  if (status === 'pending' && state.cancellationJobId === undefined) return decided([requested]);
  return refuse('order-not-cancellable');
}

function evolvePublic(state: OrderState, fact: StoredPublicEvent): OrderState {
  const { payload, jobId } = fact;
  switch (payload.type) {
    case 'OrderPlaced':
      return { ...state, status: 'pending', order: placedOrder(fact, payload) };
    case 'SagaStepCompleted': {
      const { failure: _, ...rest } = state;
      return { ...rest, commands: settle(state, 'answered') };
    }
    case 'SagaStepCompensated':
      return { ...state, commands: settle(state, 'answered') };
    case 'SagaStepFailed':
      return {
        ...state,
        failure: payload.reason,
        commands: settle(state, payload.timedOut ? 'given-up' : 'answered'),
      };
    case 'SagaStepRetried':
    case 'SagaCompensationStarted':
      return state;
    case 'OrderApproved':
      return { ...ended(state), status: 'approved' };
    case 'OrderRejected':
      return { ...ended(state), status: 'rejected', reason: payload.reason };
    case 'OrderCancellationRequested':
      return {
        ...state,
        reason: '',
        cancellationJobId: jobId,
        cancellationJobIds: [...state.cancellationJobIds, jobId],
      };
    case 'OrderCancellationRefused':
      // A rejected order keeps the reason of its rejection.
      return state.status === 'rejected'
        ? cancellationEnded(state)
        : { ...cancellationEnded(ended(state)), status: 'approved', reason: payload.reason };
    case 'OrderCancelled':
      return { ...cancellationEnded(ended(state)), status: 'cancelled' };
    default:
      return payload satisfies never;
  }
}

function placedOrder(
  fact: StoredPublicEvent,
  { lines, total }: Extract<StoredPublicEvent['payload'], { type: 'OrderPlaced' }>,
): Order {
  const { orderId, userId, jobId, placement, occurredAt } = fact;
  if (placement === undefined) broken(`order ${orderId} was stored without its placement`);
  return { ...placement, orderId, userId, jobId, lines, total, placedAtMs: occurredAt };
}

function ended(state: OrderState): OrderState {
  const { running: _running, failure: _failure, ...rest } = state;
  return rest;
}

function cancellationEnded(state: OrderState): OrderState {
  const { cancellationJobId: _, ...rest } = state;
  return rest;
}

/** Every command that still waits for its answer is not waited for any longer. */
function settle(state: OrderState, fate: CommandFate): OrderState['commands'] {
  return Object.fromEntries(
    Object.entries(state.commands).map(([id, was]) => [id, was === 'awaited' ? fate : was]),
  );
}

function runningOf(fact: Exclude<StoredFact, StoredPublicEvent>) {
  const { saga, jobId, step, direction, attempt } = fact;
  return { saga, jobId, step, direction, attempt } satisfies Partial<RunningSaga>;
}

function decided(outputs: readonly Output[]): Decision {
  return { kind: 'decided', outputs };
}

function refuse(reason: Rejected['reason']): Rejected {
  return { kind: 'rejected', reason };
}

const REPEATED: Decision = decided([{ kind: 'Ignore', reason: 'command-repeated' }]);
