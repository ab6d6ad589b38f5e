/**
 * Reduces a failing list to a shorter one that still fails: delta debugging (ddmin, Zeller and
 * Hildebrandt, IEEE TSE 2002).
 *
 * @param items fail together
 * @param fails plays a part of them
 * @param playsMax how often `fails` may be called
 * @returns the shortest part that was seen to fail; all of them if none was
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  playsMax: number,
): Promise<readonly T[]> {
  let smallest = items;
  let parts = 2;
  let plays = 0;
  const failsWithin = async (part: readonly T[]) => plays++ < playsMax && (await fails(part));
  while (smallest.length > 1 && plays < playsMax) {
    const chunks = chunksOf(smallest, Math.min(parts, smallest.length));
    const rests = chunks.map((chunk) => smallest.filter((item) => !chunk.includes(item)));
    // With two chunks, each is the rest of the other.
    const candidates = chunks.length > 2 ? [...chunks, ...rests] : chunks;
    let found: readonly T[] | undefined;
    for (const candidate of candidates) {
      if (await failsWithin(candidate)) {
        found = candidate;
        break;
      }
    }
    if (found !== undefined) {
      parts = chunks.includes(found as T[]) ? 2 : Math.max(parts - 1, 2);
      smallest = found;
    } else if (parts >= smallest.length) break;
    else parts = Math.min(parts * 2, smallest.length);
  }
  return smallest;
}

function chunksOf<T>(items: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, place) =>
    items.slice(
      Math.floor((place * items.length) / count),
      Math.floor(((place + 1) * items.length) / count),
    ),
  );
}
