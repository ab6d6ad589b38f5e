import type { HistoryEvent } from './event.ts';
import { EVENT_CHECKS } from './event-check.generated.ts';

interface Check {
  (event: unknown): boolean;
  readonly errors?: ReadonlyArray<{
    readonly instancePath: string;
    readonly message: string;
  }> | null;
}

const CHECKS = new Map<string, Check>(Object.entries(EVENT_CHECKS as Record<string, Check>));

/**
 * Why a parsed line is no event of the history: its type is unknown, or a field is missing or of
 * another type. `undefined` for a valid event. Ends the sentence "This event …".
 */
export function eventProblem(event: Pick<HistoryEvent, 'type'>): string | undefined {
  const check = CHECKS.get(event.type);
  if (check === undefined) return `has the unknown type "${event.type}"`;
  if (check(event)) return undefined;
  const [error] = check.errors ?? [];
  const field = error?.instancePath === '' ? '' : ` ${error?.instancePath.slice(1)}`;
  return `of type "${event.type}":${field} ${error?.message}`;
}
