import { FICTION } from './fiction.ts';

const { cardToken, otherSku, sku } = FICTION;

/**
 * The order that contracts use, in protobuf JSON. Provider states place exactly this one, so
 * that amounts are promised as they are and not only by their type.
 */
export const FICTIONAL_ORDER = {
  lines: [
    { sku, quantity: 2, unitPrice: { currency: 'JPY', minorUnits: '1200' } },
    { sku: otherSku, quantity: 1, unitPrice: { currency: 'JPY', minorUnits: '380' } },
  ],
  total: { currency: 'JPY', minorUnits: '2780' },
  cardToken,
  address: {
    recipient: 'Hanako Yamada',
    street: '1-2-3 Marunouchi',
    city: 'Tokyo',
    postalCode: '100-0005',
    country: 'JP',
  },
} as const;

/** SHA-256 of the command that places it. */
export const REQUEST_HASH = '1f'.repeat(32);
/** SHA-256 of another command. */
export const OTHER_REQUEST_HASH = '2e'.repeat(32);

/** The order that the web client places, and that provider states of the gateway place for it. */
export const WEB_ORDER = {
  lines: [
    { sku, quantity: 2 },
    { sku: otherSku, quantity: 1 },
  ],
  /** Of each, in JPY. */
  unitPrice: 1_200,
} as const;

/** An amount as records carry it, where protobuf JSON has its number as text. */
export const moneyOf = ({ currency, minorUnits }: { currency: string; minorUnits: string }) => ({
  currency,
  minorUnits: Number(minorUnits),
});
