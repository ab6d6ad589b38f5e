/** How a currency is written. */
interface CurrencyForms {
  readonly digits: number;
  readonly symbols: readonly string[];
}

const DISPLAYS = ['code', 'symbol', 'narrowSymbol'] as const;
/** Building a format takes longer than all else that is done with a mail. */
const formsByCurrency = new Map<string, CurrencyForms>();

function formsOf(currency: string): CurrencyForms {
  let forms = formsByCurrency.get(currency);
  if (forms !== undefined) return forms;
  let digits = 0;
  const symbols = DISPLAYS.map((currencyDisplay) => {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay });
    digits = format.resolvedOptions().maximumFractionDigits ?? 0;
    const parts = format.formatToParts(0);
    return parts.find(({ type }) => type === 'currency')?.value ?? currency;
  });
  forms = { digits, symbols: [...new Set(symbols)] };
  formsByCurrency.set(currency, forms);
  return forms;
}

/** Ways to write an amount, such as `JPY 1000`, `¥1000` and `1000 JPY`, without separators. */
export function amountsOf(currency: string, minorUnits: number): string[] {
  if (!/^[A-Z]{3}$/.test(currency)) return [`${minorUnits}${currency}`];
  const { digits, symbols } = formsOf(currency);
  const number = (minorUnits / 10 ** digits).toFixed(digits);
  const all = symbols.flatMap((symbol) => [`${symbol}${number}`, `${number}${symbol}`]);
  return all.map(plainText);
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
