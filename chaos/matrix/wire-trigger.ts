/** Arms the rules of a cell's operation on the wire proxy and waits until one of them hits. */
import type {
  ArmedRule,
  WireAction,
  WireControl,
  WireHit,
  WireRelease,
} from '../../harness/links/wire-rules.ts';
import type { Marker, WireOperation } from './cell.ts';

/** Values of the markers that are known so far. */
export type MarkerValues = Readonly<Partial<Record<Marker, string>>>;

/** The fault has nothing to hit: the proxy has no such link, or no such operation came. */
export class NotLanded extends Error {
  override readonly name = 'NotLanded';
}

/** The proxy takes no such rule: the link or the operation is none that it decodes. */
export class RefusedRule extends NotLanded {}

export interface Trigger extends AsyncDisposable {
  /** The first operation that is hit. @throws NotLanded when none is before the signal aborts */
  hit(signal: AbortSignal): Promise<WireHit>;
  /** Lets the operation that was hit, and was held, go on or end. */
  release(hit: WireHit, as: WireRelease): Promise<void>;
}

const OBSERVE: WireAction = { kind: 'delay', ms: 0 };

/** Whether every marker of an operation, and of those before it, has a value. */
export function isKnown(operation: WireOperation, values: MarkerValues): boolean {
  return (
    operation.markers.every((marker) => values[marker] !== undefined) &&
    (operation.after === undefined || isKnown(operation.after, values))
  );
}

/**
 * Waits for an operation with these values, once the operations before it were seen.
 *
 * @throws NotLanded if the proxy takes none of its rules
 */
export async function armTrigger(
  control: Pick<WireControl, 'arm'>,
  operation: WireOperation,
  values: MarkerValues,
  action: WireAction,
): Promise<Trigger> {
  const all: ArmedRule[] = [];
  const lift = async () => {
    // Those that come last first: a rule may wait for one before it.
    for (const rule of all.toReversed()) await rule.lift();
  };
  let own: readonly ArmedRule[];
  try {
    own = await armAll(control, { operation, values, action }, all);
  } catch (error) {
    await lift();
    throw error;
  }
  const names = `${operation.operations.join(' or ')} on ${operation.link}`;
  return {
    async hit(signal) {
      try {
        const hit = await Promise.any(own.map((rule) => rule.hit({ signal })));
        // Another one would hold what the service does next, such as its recovery.
        await Promise.all(all.filter(({ id }) => id !== hit.rule).map((rule) => rule.lift()));
        return hit;
      } catch (error) {
        const failure = failureOf(error, signal);
        if (failure !== undefined) throw new NotLanded(failure);
        const texts = [...operation.markers, ...operation.texts].join(', ') || 'anything';
        throw new NotLanded(`no ${names} with ${texts} came${seenBefore(all, own)}`);
      }
    },
    async release(hit, as) {
      await own.find(({ id }) => id === hit.rule)?.release(hit, as);
    },
    [Symbol.asyncDispose]: lift,
  };
}

/**
 * Holds the first record with this text that is produced on a link, until it is disposed.
 *
 * @throws NotLanded if the proxy takes no such rule
 */
export async function armGate(
  control: Pick<WireControl, 'arm'>,
  link: string,
  text: string,
): Promise<AsyncDisposable> {
  try {
    return await control.arm({
      ...{ link, operation: 'kafka.produce', contains: [text] },
      ...{ point: 'request', action: { kind: 'hold' } },
    });
  } catch (error) {
    throw refusedRule(error);
  }
}

const refusedRule = (error: unknown): RefusedRule =>
  new RefusedRule(`the wire proxy takes no rule for it: ${(error as Error).message}`);

interface Wanted {
  readonly operation: WireOperation;
  readonly values: MarkerValues;
  readonly action: WireAction;
}

/** @returns the rules of the operation itself; `all` gets those of the operations before it, too */
async function armAll(
  control: Pick<WireControl, 'arm'>,
  { operation, values, action }: Wanted,
  all: ArmedRule[],
): Promise<readonly ArmedRule[]> {
  const before =
    operation.after === undefined
      ? [undefined]
      : await armAll(control, { operation: operation.after, values, action: OBSERVE }, all);
  const contains = [...operation.markers.map((marker) => values[marker] ?? ''), ...operation.texts];
  const armed: ArmedRule[] = [];
  let refused: unknown;
  for (const name of operation.operations) {
    for (const earlier of before) {
      try {
        const rule = await control.arm({
          link: operation.link,
          operation: name,
          point: operation.point,
          action,
          ...(contains.length === 0 ? {} : { contains }),
          ...(earlier === undefined ? {} : { after: earlier.id }),
        });
        armed.push(rule);
        all.push(rule);
      } catch (error) {
        // Another name of the same thing may be one that the protocol has.
        refused = error;
      }
    }
  }
  if (armed.length > 0) return armed;
  throw refusedRule(refused);
}

/** Why no rule could act on what it matched; undefined if none matched anything. */
function failureOf(error: unknown, signal: AbortSignal): string | undefined {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const failed = errors.find((one) => one !== signal.reason);
  return failed instanceof Error ? failed.message : undefined;
}

function seenBefore(all: readonly ArmedRule[], own: readonly ArmedRule[]): string {
  const earlier = all.filter((rule) => !own.includes(rule));
  const missing = earlier.filter(({ hits }) => hits.length === 0);
  if (earlier.length === 0) return '';
  return missing.length === earlier.length
    ? `, nor did ${missing[0]?.rule.operation} on ${missing[0]?.rule.link} before it`
    : ', although what comes before it did';
}
