import { MatchersV3 } from '@pact-foundation/pact';
import { FICTION } from '../fiction.ts';

const { integer, regex, uuid } = MatchersV3;

/** The trace that a contract's records belong to. */
export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** A W3C `traceparent`; the consumer goes on in its trace. */
export const aTraceparent = () =>
  regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/, `00-${TRACE_ID}-00f067aa0ba902b7-01`);

/** An id that the provider makes. */
export const anId = () => uuid('0193b3a0-0000-7000-8000-0000000000ff');

/** Epoch milliseconds. */
export const AN_INSTANT_MS = 1_795_338_000_000;
export const anInstant = () => integer(AN_INSTANT_MS);

/** What the order of the contracts is for. */
export const LINE = { sku: FICTION.sku, quantity: 2 } as const;
export const OTHER_LINE = { sku: FICTION.otherSku, quantity: 1 } as const;
export const TOTAL = { currency: 'EUR', minorUnits: 3_250 } as const;
export const ADDRESS = {
  recipient: 'Aoi Sato',
  street: 'Nishi 1-2-3',
  city: 'Sapporo',
  postalCode: '060-0001',
  country: 'JP',
} as const;
