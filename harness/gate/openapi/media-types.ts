/** What a media type is without its parameters: a character set changes no meaning. */
const essence = (mediaType: string): string => (mediaType.split(';')[0] ?? '').trim().toLowerCase();

/** Whether a media type, or a range such as `application/*`, includes another one. */
export function includesMedia(range: string, mediaType: string): boolean {
  const [wide, own] = [essence(range), essence(mediaType)];
  if (wide === own || wide === '*/*') return true;
  return wide.endsWith('/*') && own.startsWith(wide.slice(0, -1));
}

/** The entry for a media type: its own, else that of the narrowest range that includes it. */
export function mediaFor<T>(content: ReadonlyMap<string, T>, mediaType: string): T | undefined {
  const ranges = [...content].filter(([range]) => includesMedia(range, mediaType));
  const [nearest] = ranges.toSorted(([a], [b]) => wildcards(a) - wildcards(b));
  return content.get(mediaType) ?? nearest?.[1];
}

const wildcards = (range: string): number => range.split('*').length;
