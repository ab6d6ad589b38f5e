import { MatchersV3 } from '@pact-foundation/pact';
import { FICTIONAL_ORDER, moneyOf } from '../fictional-order.ts';
import type { Given } from './contract.ts';

const { integer, regex, uuid } = MatchersV3;
type Json = Readonly<Record<string, unknown>>;

/** The trace that a contract's records belong to. */
export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** A W3C `traceparent`; the consumer goes on in its trace. */
export const aTraceparent = () =>
  regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/, `00-${TRACE_ID}-00f067aa0ba902b7-01`);

/** An id that the provider makes. */
export const AN_ID = '0193b3a0-0000-7000-8000-0000000000ff';
export const anId = () => uuid(AN_ID);

/** Epoch milliseconds. */
export const AN_INSTANT_MS = 1_795_338_000_000;
export const anInstant = () => integer(AN_INSTANT_MS);

/** The fictional order, as records carry it. */
export const PRICED_LINES = FICTIONAL_ORDER.lines.map((line) => ({
  ...line,
  unitPrice: moneyOf(line.unitPrice),
}));
export const LINES = FICTIONAL_ORDER.lines.map(({ sku, quantity }) => ({ sku, quantity }));
export const TOTAL = moneyOf(FICTIONAL_ORDER.total);
export const { address: ADDRESS } = FICTIONAL_ORDER;

/** States of order. */
export const PLACED = 'the order is pending';
export const PLACED_WITHOUT_EMAIL = 'the order is pending, with no address to write to';
export const CANCELLATION_ASKED = 'its cancellation is asked for by the other job';
/** The participants' answers, by type, or with what is in them besides the usual. */
export const replied = (...replies: ReadonlyArray<string | Json>): Given => ({
  state: 'its participants have answered',
  params: { replies },
});

/** States of participants. */
export const IN_STOCK = '10 pieces of each product of the order are in stock';
export const CARD = 'the card is registered with a limit of what the order costs';
export const DECLINED_CARD = 'the card that its issuer declines is registered';
export const SLOW_CARD = 'the card that cannot be charged at once is registered';
export const DISPATCHED = 'the shipment is handed over to the carrier';
/** State of a participant: an order's commands have come, the last as FICTION.causationId. */
export const commanded = (...commands: ReadonlyArray<string | Json>): Given => ({
  state: 'commands about an order have come',
  params: { commands },
});

/** The answers that an order needs to be approved. */
export const UNTIL_APPROVED = [
  'StockReserved',
  'PaymentAuthorized',
  'ShipmentScheduled',
  'PaymentCaptured',
] as const;
