import { distance } from 'fastest-levenshtein';

/** The known name that is nearest to what was written, when one is near enough to be meant. */
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
  const mend = suggestion ? `did you mean ${suggestion}?` : `known: ${known.join(', ')}`;
  return `there is no ${key}${place}; ${mend}`;
}
