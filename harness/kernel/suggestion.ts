import { distance } from 'fastest-levenshtein';

/** The known name that is nearest to the written one, if it is near enough to be a typing error. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestEdits = Math.max(2, Math.floor(written.length / 3)) + 1;
  for (const name of known) {
    const edits = distance(written.toLowerCase(), name.toLowerCase());
    if (edits < bestEdits) {
      best = name;
      bestEdits = edits;
    }
  }
  return best;
}

/** "there is no key X in Y; did you mean Z?" or the list of what is known. */
export function unknownKeyMessage(key: string, known: readonly string[], where: string): string {
  const place = where === '' ? '' : ` in ${where}`;
  const suggestion = nearest(key, known);
  const fix = suggestion ? `did you mean ${suggestion}?` : `known: ${known.join(', ')}`;
  return `there is no ${key}${place}; ${fix}`;
}
