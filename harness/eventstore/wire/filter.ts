/** Filters of `$all`, from protobuf. */
import { createFilter, type FilterSpec } from '../filter.ts';
import type { RecordedEvent } from '../store.ts';
import { invalidArgument } from './errors.ts';

/** The real server's window when the client does not name one. */
const WINDOW_EVENTS_DEFAULT = 32;
/** Bounds what one request can make us hold and match against every event. */
const PREFIXES_MAX = 1_000;
const REGEX_LENGTH_MAX = 1_024;

export interface Filter {
  readonly spec: FilterSpec;
  readonly passes: (event: RecordedEvent) => boolean;
  /** A subscription gets a checkpoint after this many events, passed or not. */
  readonly checkpointIntervalEvents: number;
}

interface ExpressionMessage {
  getPrefixList(): string[];
  getRegex(): string;
}

/** What the filters of Read and of persistent subscriptions have in common. */
interface FilterMessage {
  getStreamIdentifier(): ExpressionMessage | undefined;
  getEventType(): ExpressionMessage | undefined;
  hasMax(): boolean;
  getMax(): number;
  getCheckpointintervalmultiplier(): number;
}

/** The filter of a request, or undefined when it has none. */
export function fromFilterOptions(options: FilterMessage | undefined): Filter | undefined {
  if (options === undefined) return undefined;
  const multiplier = options.getCheckpointintervalmultiplier();
  if (multiplier === 0) throw invalidArgument('The checkpoint interval multiplier must not be 0.');
  const windowEvents = options.hasMax() ? options.getMax() : WINDOW_EVENTS_DEFAULT;
  if (windowEvents === 0) throw invalidArgument('The search window must not be 0.');
  const spec = toSpec(options);
  return { spec, passes: compile(spec), checkpointIntervalEvents: windowEvents * multiplier };
}

function toSpec(options: FilterMessage): FilterSpec {
  const byStream = options.getStreamIdentifier();
  if (byStream !== undefined) return { by: 'stream', match: toMatch(byStream) };
  const byType = options.getEventType();
  if (byType === undefined) throw invalidArgument('The filter has no expression.');
  return { by: 'type', match: toMatch(byType) };
}

function toMatch(expression: ExpressionMessage): FilterSpec['match'] {
  const prefixes = expression.getPrefixList();
  if (prefixes.length > PREFIXES_MAX) {
    throw invalidArgument(`The filter has more than ${PREFIXES_MAX} prefixes.`);
  }
  if (prefixes.length > 0) return { prefixes };
  const regex = expression.getRegex();
  if (regex === '') throw invalidArgument('The filter has neither prefixes nor a regex.');
  if (regex.length > REGEX_LENGTH_MAX) {
    throw invalidArgument(`The filter's regex is longer than ${REGEX_LENGTH_MAX} characters.`);
  }
  return { regex };
}

function compile(spec: FilterSpec): Filter['passes'] {
  try {
    return createFilter(spec);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidArgument(`The filter's regex does not compile: ${reason}`);
  }
}
