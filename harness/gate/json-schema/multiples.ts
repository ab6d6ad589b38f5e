/** A decimal number as an exact fraction of a power of ten: `digits / 10^places`. */
interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

const NUMBER = /^(?<sign>-?)(?<whole>\d+)(?:\.(?<part>\d+))?(?:e(?<exponent>[+-]\d+))?$/;

function decimalOf(value: number): Decimal {
  const groups = NUMBER.exec(String(value))?.groups;
  if (groups === undefined) throw new RangeError(`${value} is not a finite number`);
  const { sign = '', whole = '0', part = '', exponent = '0' } = groups;
  const digits = BigInt(`${sign}${whole}${part}`);
  const places = part.length - Number(exponent);
  return places < 0 ? { digits: digits * 10n ** BigInt(-places), places: 0 } : { digits, places };
}

/** Both numbers in units of the finer one's last place. */
function scaled(
  a: number,
  b: number,
): { readonly pair: [bigint, bigint]; readonly places: number } {
  const [one, other] = [decimalOf(a), decimalOf(b)];
  const places = Math.max(one.places, other.places);
  const raised = ({ digits, places: own }: Decimal): bigint => digits * 10n ** BigInt(places - own);
  return { pair: [raised(one), raised(other)], places };
}

/** The least common multiple of two steps, exact for decimals: of 0.1 and 0.25 it is 0.5. */
export function leastCommonMultiple(a: number, b: number): number {
  const { pair, places } = scaled(a, b);
  const [one, other] = pair;
  let [divisor, rest] = [one, other];
  while (rest !== 0n) [divisor, rest] = [rest, divisor % rest];
  return Number(`${(one / divisor) * other}e-${places}`);
}

/** Whether a number is a multiple of a step, by their decimal digits: 0.3 is one of 0.1. */
export function isMultiple(value: number, step: number): boolean {
  const [one, other] = scaled(value, step).pair;
  return one % other === 0n;
}
