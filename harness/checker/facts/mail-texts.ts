/** Ways to write an amount, such as `JPY 1000`, `¥1000` and `1000 JPY`, without separators. */
export function amountsOf(currency: string, minorUnits: number): string[] {
  const shown = (display: 'code' | 'symbol' | 'narrowSymbol') => {
    const format = new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
      currencyDisplay: display,
      useGrouping: false,
    });
    const { maximumFractionDigits: digits = 0 } = format.resolvedOptions();
    const parts = format.formatToParts(minorUnits / 10 ** digits);
    const symbol = parts.find(({ type }) => type === 'currency')?.value ?? currency;
    const number = (minorUnits / 10 ** digits).toFixed(digits);
    return [`${symbol}${number}`, `${number}${symbol}`];
  };
  if (!/^[A-Z]{3}$/.test(currency)) return [`${minorUnits}${currency}`];
  const all = [...shown('code'), ...shown('symbol'), ...shown('narrowSymbol')];
  return [...new Set(all)].map(plainText);
}

const DIGIT = /\d/;

/** Whether a text has the words, and not as a part of a longer number. */
export function mentions(text: string, words: string): boolean {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const before = text.charAt(at - 1);
    const behind = text.charAt(at + words.length);
    if (!DIGIT.test(before) && !DIGIT.test(behind)) return true;
  }
  return false;
}

/** Without spaces and separators of thousands, which differ between languages. */
export const plainText = (text: string): string => text.replaceAll(/(?<=\d)[,'’](?=\d{3})|\s/g, '');
