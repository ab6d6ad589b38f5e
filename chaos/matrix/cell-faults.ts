/** What each fault of a cell does once its operation is held, passes, or is cut. */
import { setTimeout as pause } from 'node:timers/promises';
import { recordsSince, republish } from '../../harness/clients/kafka.ts';
import type { ArmedFault } from '../../harness/links/fault.ts';
import type { WireAction, WireHit } from '../../harness/links/wire-rules.ts';
import type { World } from '../../harness/scenario/world.ts';
import type { Stack } from '../../harness/testbed/stack.ts';
import type { Faults } from '../faults/all.ts';
import type { Cell, SecondFault } from './cell.ts';
import { NotLanded, type Trigger } from './wire-trigger.ts';

/** How long a message is late: shorter than any time-out of a step. */
const LATE_MS = 1_200;
/** How long a process is paused, and a link is down or slow: long enough to be noticed. */
const PAUSE_MS = 1_500;
const LINK_MS = 1_200;
const LATENCY_MS = 300;
/** A second kill comes this soon after the service is ready again, at most. */
const AGAIN_WITHIN_MS = 400;

const ERRORS: Readonly<Record<string, string>> = {
  'pg.commit': '40001',
  'kafka.produce': 'NOT_LEADER_OR_FOLLOWER',
  'kafka.offset-commit': 'REBALANCE_IN_PROGRESS',
  'grpc.call': 'UNAVAILABLE',
  'eventstore.append': 'UNAVAILABLE',
};
const ERROR_OF_PROTOCOL: Readonly<Record<string, string>> = {
  redis: 'READONLY',
  mongodb: 'NotWritablePrimary',
};

/** The error of its protocol that an operation is answered with. */
function errorOf(operation: string): string {
  const protocol = operation.split('.')[0] ?? '';
  const code = ERRORS[operation] ?? ERROR_OF_PROTOCOL[protocol];
  if (code === undefined) throw new Error(`there is no error for ${operation}`);
  return code;
}

/** What the rule of the cell's operation does. */
export function actionOf({ fault, at }: Cell): WireAction {
  switch (fault) {
    case 'kill':
    case 'pause':
    case 'cut':
    case 'latency':
    case 'time-out':
      return { kind: 'hold' };
    case 'lost-request':
    case 'lost-answer':
      return { kind: 'cut' };
    case 'error':
      return { kind: 'error', code: errorOf(at.at.operations[0] ?? '') };
    case 'late':
      return { kind: 'delay', ms: LATE_MS };
    case 'duplicate':
      return { kind: 'delay', ms: 0 };
    default:
      return fault satisfies never;
  }
}

export interface FaultContext {
  readonly cell: Cell;
  readonly world: World;
  readonly stack: Stack;
  readonly faults: Faults;
  readonly trigger: Trigger;
  /** Topics whose records a `duplicate` delivers again. */
  readonly topics: readonly string[];
  /** Keys of the order's records, as far as they are known. */
  readonly keys: () => readonly string[];
  readonly sinceMs: number;
  /** Resolves when the step of the cell has timed out. */
  readonly timedOut: () => Promise<void>;
}

/** Lets the fault do its work on the operation that was hit, and lifts it. */
export async function disturb(context: FaultContext, hit: WireHit): Promise<void> {
  const { cell, stack, faults, trigger } = context;
  const instances = instancesOf(stack, cell.participant);
  switch (cell.fault) {
    case 'kill': {
      await using _ = await onAll(instances, faults.kill);
      await trigger.release(hit, 'cut').catch(ignoreGone);
      break;
    }
    case 'pause': {
      await using _ = await onAll(instances, faults.pause);
      await trigger.release(hit, 'forward').catch(ignoreGone);
      await pause(PAUSE_MS);
      break;
    }
    case 'cut':
    case 'latency': {
      const link = cell.link ?? '';
      await using _ = await orNotLanded(
        cell.fault === 'cut' ? faults.cut(link) : faults.latency(link, { latencyMs: LATENCY_MS }),
      );
      await trigger.release(hit, 'forward').catch(ignoreGone);
      await pause(LINK_MS);
      break;
    }
    case 'time-out':
      await context.timedOut();
      await trigger.release(hit, 'forward').catch(ignoreGone);
      break;
    case 'duplicate':
      await deliverAgain(context);
      break;
    case 'lost-request':
    case 'lost-answer':
    case 'error':
    case 'late':
      break;
    default:
      cell.fault satisfies never;
  }
  if (cell.second !== undefined) await disturbAgain(context, cell.second);
}

/** While the service recovers from the first fault. */
async function disturbAgain(context: FaultContext, { fault, link }: SecondFault): Promise<void> {
  const { cell, faults, stack, world } = context;
  if (fault === 'duplicate') return deliverAgain(context);
  if (fault === 'cut') {
    await using _ = await orNotLanded(faults.cut(link ?? ''));
    await pause(LINK_MS);
    return;
  }
  await pause(world.random.integer(0, AGAIN_WITHIN_MS));
  await using _again = await onAll(instancesOf(stack, cell.participant), faults.kill);
}

/** Publishes the order's records again, as Kafka may deliver them twice. */
async function deliverAgain({ world, topics, keys, sinceMs }: FaultContext): Promise<void> {
  const records = await orNotLanded(recordsSince(world, topics, sinceMs));
  const own = new Set(keys());
  await republish(
    world,
    records.filter(({ key }) => own.has(key)),
  );
}

export const instancesOf = ({ addressBook }: Stack, service: string): readonly string[] =>
  (addressBook.services[service]?.instances ?? []).map(({ id }) => id);

/** The fault on every instance of a service; what landed is lifted also if another one did not. */
async function onAll(
  instances: readonly string[],
  arm: (id: string) => Promise<ArmedFault>,
): Promise<AsyncDisposable> {
  const armed = await Promise.allSettled(instances.map((id) => arm(id)));
  const lift = async () => {
    await Promise.all(armed.map((one) => (one.status === 'fulfilled' ? one.value.lift() : one)));
  };
  const failed = armed.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') {
    await lift();
    return orNotLanded(Promise.reject(failed.reason));
  }
  return { [Symbol.asyncDispose]: lift };
}

/** What cannot be disturbed shows nothing about the system. */
const orNotLanded = <T>(arming: Promise<T>): Promise<T> =>
  arming.catch((error: unknown) => {
    throw new NotLanded(error instanceof Error ? error.message : String(error));
  });

/** The connection of a held operation may have ended with its process. */
const ignoreGone = (): void => undefined;
