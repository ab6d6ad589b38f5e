/**
 * A fault: a disturbance of the stack that proves that it took effect. What it acts on (links,
 * processes) is its context; this file knows neither, so it depends on no part of the testbed.
 */
import { randomUUID } from 'node:crypto';
import { deadline, retry } from '../kernel/poll.ts';

/** How long a fault may take to land before it counts as not landed. */
const LANDED_WITHIN_MS = 10_000;

/** What was observed, in words, and when. */
export interface Evidence {
  readonly what: string;
  readonly atMs: number;
}

export type Landing =
  | { readonly landed: true; readonly evidence: Evidence }
  | { readonly landed: false; readonly reason: string };

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** One step in a fault's life; `landed` is missing when the effect was never observed. */
export interface FaultEvent {
  readonly what: 'armed' | 'landed' | 'lifted';
  /** Identifies this use of the fault. */
  readonly fault: string;
  readonly name: string;
  /** A link or a process. */
  readonly target: string;
  readonly parameters?: Attributes;
  /** With `landed`. */
  readonly evidence?: string;
  /** With `lifted`: why, if not by request. */
  readonly reason?: string;
}

export interface FaultRecorder {
  readonly record: (event: FaultEvent) => void;
}

/** A fault in effect; disposing it lifts it. */
export interface ArmedFault extends AsyncDisposable {
  readonly fault: string;
  readonly target: string;
  /** Looks until the fault has taken effect, or gives the last thing that was seen instead. */
  landed(options?: { readonly withinMs?: number }): Promise<Landing>;
  /** The evidence; lifts the fault and throws a {@link FaultNotLandedError} when there is none. */
  requireLanded(options?: { readonly withinMs?: number }): Promise<Evidence>;
  /** Restores what the fault took away; lifting it twice is no error. */
  lift(): Promise<void>;
}

/** A run that depends on this fault proves nothing. */
export class FaultNotLandedError extends Error {
  override readonly name = 'FaultNotLandedError';
}

/** Whether a fault that did not land is what failed: also if cleaning up failed after it. */
export function isFaultNotLanded(error: unknown): boolean {
  if (error instanceof FaultNotLandedError) return true;
  if (error instanceof SuppressedError) return isFaultNotLanded(error.suppressed);
  return error instanceof Error && error.cause !== undefined && isFaultNotLanded(error.cause);
}

export interface FaultDefinition<Context, Options extends object, State> {
  /** A noun or verb of one word: `cut`. */
  readonly name: string;
  /** Takes effect, or makes sure that it will; throws when the target cannot be disturbed. */
  arm(context: Context, target: string, options: Options): Promise<State>;
  /** Looks once for the effect. Throws what it saw instead; never infers it from `arm`. */
  landed(state: State, context: Context, signal: AbortSignal): Promise<string>;
  /** Restores the target, also when the fault has not landed. */
  lift(state: State, context: Context): Promise<void>;
}

export interface Fault<Context, Options extends object> {
  readonly name: string;
  arm(context: Context & FaultRecorder, target: string, options: Options): Promise<ArmedFault>;
}

type RecordStep = (
  what: FaultEvent['what'],
  more?: Pick<FaultEvent, 'evidence' | 'reason'>,
) => void;

/** Adds to a definition what is the same for all faults: events, deadlines, lifting once. */
export function defineFault<Context, Options extends object, State>(
  definition: FaultDefinition<Context, Options, State>,
): Fault<Context, Options> {
  const { name } = definition;
  return {
    name,
    async arm(context, target, options) {
      const fault = randomUUID();
      const record: RecordStep = (what, more = {}) =>
        context.record({
          ...{ what, fault, name, target },
          ...(Object.keys(options).length === 0 ? {} : { parameters: attributesOf(options) }),
          ...more,
        });
      // Before it acts: no effect may be recorded earlier than its fault.
      record('armed');
      let state: State;
      try {
        state = await definition.arm(context, target, options);
      } catch (error) {
        record('lifted', { reason: `it could not be armed: ${(error as Error).message}` });
        throw error;
      }
      return armedFault({ definition, context, target, state, record });
    },
  };
}

interface Armed<Context, Options extends object, State> {
  readonly definition: FaultDefinition<Context, Options, State>;
  readonly context: Context;
  readonly target: string;
  readonly state: State;
  readonly record: RecordStep;
}

function armedFault<Context, Options extends object, State>({
  definition,
  context,
  target,
  state,
  record,
}: Armed<Context, Options, State>): ArmedFault {
  let evidence: Evidence | undefined;
  let lifting: Promise<void> | undefined;
  const lift = (): Promise<void> => {
    lifting ??= definition.lift(state, context).then(() => record('lifted'));
    return lifting;
  };
  const landed: ArmedFault['landed'] = async ({ withinMs = LANDED_WITHIN_MS } = {}) => {
    if (evidence) return { landed: true, evidence };
    if (lifting) return { landed: false, reason: 'it was lifted before its effect was observed' };
    const label = `${definition.name} of ${target} to take effect`;
    using limit = deadline(label, withinMs);
    try {
      const look = () => definition.landed(state, context, limit.signal);
      const what = await retry(label, look, limit);
      evidence = { what, atMs: Date.now() };
    } catch (error) {
      return { landed: false, reason: (error as Error).message };
    }
    record('landed', { evidence: evidence.what });
    return { landed: true, evidence };
  };
  return {
    fault: definition.name,
    target,
    landed,
    async requireLanded(options) {
      const landing = await landed(options);
      if (landing.landed) return landing.evidence;
      await lift();
      throw new FaultNotLandedError(
        `fault ${definition.name} of ${target} did not land: ${landing.reason}`,
      );
    },
    lift,
    [Symbol.asyncDispose]: lift,
  };
}

/** Options as one level of names: `{ env: { A: '1' } }` is `env.A`. */
function attributesOf(options: object, prefix = ''): Attributes {
  const entries = Object.entries(options).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? Object.entries(attributesOf(value, `${prefix}${key}.`))
      : [[`${prefix}${key}`, value] as const],
  );
  return Object.fromEntries(entries) as Attributes;
}
