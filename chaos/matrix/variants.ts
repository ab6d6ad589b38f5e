/**
 * How an order can go: each variant names the saga that it is about and where that saga ends. What
 * provokes it is the one part of the matrix that knows the domain.
 */
import type { SagaFacts, StepFacts } from '#contracts/spec/sagas.ts';

export interface Variant {
  /** Kebab-case. */
  readonly name: string;
  readonly saga: string;
  /** The step that is refused; absent: the saga succeeds. */
  readonly refuses?: string;
  /** The step that fails once before it is done. */
  readonly fails?: string;
  /** Stock of the product, for an order of {@link QUANTITY}. */
  readonly stock: number;
  /** Prefix of the card token, as the acquirer's sandbox documents it. */
  readonly card: string;
  readonly country: string;
  /** Orders that are to be cancelled: whether the parcel is dispatched before. */
  readonly dispatched?: boolean;
  /** How the order looks at the end. */
  readonly order: string;
}

export const QUANTITY = 2;
export const STOCK = 7;

const common = { stock: STOCK, card: 'tok_ok', country: 'JP' } as const;

export const VARIANTS: readonly Variant[] = [
  { name: 'approved', saga: 'PLACE_ORDER', ...common, order: 'APPROVED' },
  {
    ...{ name: 'out-of-stock', saga: 'PLACE_ORDER', refuses: 'RESERVE_STOCK' },
    ...common,
    ...{ stock: QUANTITY - 1, order: 'REJECTED' },
  },
  {
    ...{ name: 'card-declined', saga: 'PLACE_ORDER', refuses: 'AUTHORIZE_PAYMENT' },
    ...common,
    ...{ card: 'tok_declined', order: 'REJECTED' },
  },
  {
    ...{ name: 'shipment-refused', saga: 'PLACE_ORDER', refuses: 'SCHEDULE_SHIPMENT' },
    ...common,
    // Served by no carrier.
    ...{ country: 'AQ', order: 'REJECTED' },
  },
  {
    ...{ name: 'capture-retried', saga: 'PLACE_ORDER', fails: 'CAPTURE_PAYMENT' },
    ...common,
    ...{ card: 'tok_slow_1', order: 'APPROVED' },
  },
  {
    ...{ name: 'cancelled', saga: 'CANCEL_ORDER', dispatched: false },
    ...common,
    order: 'CANCELLED',
  },
  {
    ...{ name: 'cancelled-too-late', saga: 'CANCEL_ORDER', refuses: 'CANCEL_SHIPMENT' },
    ...common,
    ...{ dispatched: true, order: 'APPROVED' },
  },
];

/** A command to a participant and the reply to it. */
export interface Exchange {
  readonly step: string;
  readonly kind: 'do' | 'undo';
  readonly participant: string;
  readonly command: { readonly topic: string; readonly type: string };
  readonly reply: { readonly topic: string; readonly type: string };
  /** What the reply says. */
  readonly ends: 'done' | 'refused' | 'failed';
}

/** The commands and replies of a variant, in their order, as far as its saga says. */
export function exchangesOf(
  saga: SagaFacts,
  { refuses, fails }: Pick<Variant, 'refuses' | 'fails'>,
): Exchange[] {
  const exchanges: Exchange[] = [];
  const done: StepFacts[] = [];
  for (const step of saga.steps) {
    const isRefusal = step.name === refuses;
    if (step.name === fails) exchanges.push(exchangeOf(step, 'failed'));
    exchanges.push(exchangeOf(step, isRefusal ? 'refused' : 'done'));
    if (isRefusal) return [...exchanges, ...done.reverse().flatMap(undoing)];
    done.push(step);
  }
  return exchanges;
}

function exchangeOf(step: StepFacts, ends: Exchange['ends']): Exchange {
  const { name, participant, command, replies } = step;
  const reply = { topic: replies.topic, type: replies[ends] ?? replies.done };
  return { step: name, kind: 'do', participant, command, reply, ends };
}

function undoing({ name, participant, command, replies, compensation }: StepFacts): Exchange[] {
  if (compensation === undefined) return [];
  return [
    {
      ...{ step: name, kind: 'undo', participant, ends: 'done' },
      command: { topic: command.topic, type: compensation.command },
      reply: { topic: replies.topic, type: compensation.done },
    },
  ];
}
