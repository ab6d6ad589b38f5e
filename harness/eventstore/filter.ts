/** Filters of `$all`: by stream name or event type, by prefixes or regular expression. */
import { toJavaScriptRegex } from './dotnet-regex.ts';
import type { RecordedEvent } from './store.ts';

export interface FilterSpec {
  readonly by: 'stream' | 'type';
  readonly match: { readonly prefixes: readonly string[] } | { readonly regex: string };
}

/** The predicate of a filter; throws a SyntaxError when its regex does not compile. */
export function createFilter({ by, match }: FilterSpec): (event: RecordedEvent) => boolean {
  const matches = createMatcher(match);
  return by === 'stream' ? ({ stream }) => matches(stream) : ({ type }) => matches(type);
}

function createMatcher(match: FilterSpec['match']): (text: string) => boolean {
  if ('prefixes' in match) {
    const { prefixes } = match;
    return (text) => prefixes.some((prefix) => text.startsWith(prefix));
  }
  const regex = new RegExp(toJavaScriptRegex(match.regex));
  return (text) => regex.test(text);
}
