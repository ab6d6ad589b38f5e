import { SagaproofError } from '../kernel/errors.ts';
import type { Row } from './compare.ts';
import { KINDS, type Kind } from './item.ts';

/** Least percentage of a kind, in both directions. */
export type Minimum = Readonly<Partial<Record<Kind, number>>>;

/** How a minimum did in one direction. */
export interface Threshold {
  readonly kind: Kind;
  /** `asserted`: of what was seen, what contracts have; `occurred`: of those, what was seen. */
  readonly direction: 'asserted' | 'occurred';
  readonly minimum: number;
  /** Null when there was nothing to take a percentage of. */
  readonly percent: number | null;
  readonly met: boolean;
}

/** Reads `edges=100,operations=100,fields=95`; throws for what is none. */
export function parseMinimum(text: string): Minimum {
  const entries = text.split(',').map((part) => {
    const [kind = '', value = ''] = part.split('=').map((word) => word.trim());
    const percent = Number(value);
    const isKind = (KINDS as readonly string[]).includes(kind);
    if (!isKind || value === '' || !(percent >= 0 && percent <= 100)) {
      throw new SagaproofError(
        'usage',
        `--min ${text}: "${part}" is none: write ${KINDS.join('=…,')}=…, with percentages from 0 to 100`,
      );
    }
    return [kind, percent] as const;
  });
  return Object.fromEntries(entries);
}

const percentOf = (part: number, whole: number): number | null =>
  whole === 0 ? null : (100 * part) / whole;

/** Of what was seen, how much contracts have. */
export const assertedPercent = ({ seenContracted, seen }: Row): number | null =>
  percentOf(seenContracted, seen);

/** Of what contracts have, how much was seen. */
export const occurredPercent = ({ contractedSeen, contracted }: Row): number | null =>
  percentOf(contractedSeen, contracted);

/** Rounded down: nothing that lacks anything is shown as 100 %. */
export const showPercent = (percent: number | null): string =>
  percent === null ? '–' : `${Math.floor(percent * 10) / 10} %`;

/** Holds the rows to the minimum. A share of nothing is no share: it does not meet one. */
export function thresholdsOf(rows: readonly Row[], minimum: Minimum): Threshold[] {
  return rows.flatMap((row) => {
    const least = minimum[row.kind];
    if (least === undefined) return [];
    return [
      { direction: 'asserted', percent: assertedPercent(row) } as const,
      { direction: 'occurred', percent: occurredPercent(row) } as const,
    ].map(({ direction, percent }) => ({
      ...{ kind: row.kind, direction, minimum: least, percent },
      met: percent !== null && percent >= least,
    }));
  });
}

const WORDS = { asserted: 'of what was seen is in a contract', occurred: 'of contracts was seen' };

/** `fields: 93.1 % of what was seen is in a contract; 95 % is the minimum`. */
export const describeThreshold = ({ kind, direction, minimum, percent }: Threshold): string =>
  `${kind}: ${showPercent(percent)} ${WORDS[direction]}; ${minimum} % is the minimum`;
