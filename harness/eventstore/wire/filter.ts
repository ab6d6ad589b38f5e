/** Filters of `$all`: by stream name or event type, by prefixes or regular expression. */
import type streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { RecordedEvent } from '../store.ts';
import { invalidArgument } from './errors.ts';

/** The real server's window when the client does not name one. */
const WINDOW_EVENTS_DEFAULT = 32;
/** Bounds what one request can make us hold and match against every event. */
const PREFIXES_MAX = 1_000;
const REGEX_LENGTH_MAX = 1_024;

export interface Filter {
  readonly passes: (event: RecordedEvent) => boolean;
  /** A subscription gets a checkpoint after this many events, passed or not. */
  readonly checkpointIntervalEvents: number;
}

/** The filter of a request, or undefined when it has none. */
export function fromFilterOptions(
  options: streamsPb.ReadReq.Options.FilterOptions | undefined,
): Filter | undefined {
  if (options === undefined) return undefined;
  const multiplier = options.getCheckpointintervalmultiplier();
  if (multiplier === 0) throw invalidArgument('The checkpoint interval multiplier must not be 0.');
  const windowEvents = options.hasMax() ? options.getMax() : WINDOW_EVENTS_DEFAULT;
  if (windowEvents === 0) throw invalidArgument('The search window must not be 0.');
  return {
    passes: toPredicate(options),
    checkpointIntervalEvents: windowEvents * multiplier,
  };
}

function toPredicate(options: streamsPb.ReadReq.Options.FilterOptions): Filter['passes'] {
  const byStream = options.getStreamIdentifier();
  if (byStream !== undefined) {
    const matches = toMatcher(byStream);
    return (event) => matches(event.stream);
  }
  const byType = options.getEventType();
  if (byType === undefined) throw invalidArgument('The filter has no expression.');
  const matches = toMatcher(byType);
  return (event) => matches(event.type);
}

function toMatcher(
  expression: streamsPb.ReadReq.Options.FilterOptions.Expression,
): (text: string) => boolean {
  const prefixes = expression.getPrefixList();
  if (prefixes.length > PREFIXES_MAX) {
    throw invalidArgument(`The filter has more than ${PREFIXES_MAX} prefixes.`);
  }
  if (prefixes.length > 0) return (text) => prefixes.some((prefix) => text.startsWith(prefix));
  const source = expression.getRegex();
  if (source === '') throw invalidArgument('The filter has neither prefixes nor a regex.');
  if (source.length > REGEX_LENGTH_MAX) {
    throw invalidArgument(`The filter's regex is longer than ${REGEX_LENGTH_MAX} characters.`);
  }
  const regex = compile(source);
  return (text) => regex.test(text);
}

function compile(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidArgument(`The filter's regex does not compile: ${reason}`);
  }
}
