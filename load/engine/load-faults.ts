import { setTimeout as pause } from 'node:timers/promises';
import type { Faults } from '../../chaos/faults/all.ts';
import type { AddressBook, ServiceName } from '../../harness/kernel/address-book.ts';
import { SagaproofError } from '../../harness/kernel/errors.ts';
import { orAborted } from '../../harness/kernel/poll.ts';
import type { Random } from '../../harness/kernel/random.ts';
import type { ArmedFault } from '../../harness/links/fault.ts';
import { FAULT } from '../model/model-schema.ts';

/** A fault that the load is to meet. */
export interface PlannedFault {
  readonly text: string;
  readonly name: 'kill' | 'pause' | 'restart' | 'cut' | 'hang' | 'latency' | 'reset';
  /** An instance, a server, or a link. */
  readonly target: string;
  readonly atMs: number;
  readonly forMs: number;
}

/** How long a fault lasts when its text does not say it. */
const LASTS_MS = 5_000;
const LATENCY_MS = 100;

/**
 * Reads faults such as `kill-websocket-node@30s`, `restart-kafka@10s`,
 * `latency-order→kafka@5s+10s`.
 *
 * @param random chooses among the instances of a service
 * @throws SagaproofError `usage` when the stack has no such target
 */
export function planFaults(
  texts: readonly string[],
  book: Pick<AddressBook, 'services' | 'links' | 'providers'>,
  random: Random,
): PlannedFault[] {
  return texts.map((text) => {
    const [, name, subject = '', , atSeconds, forSeconds] = FAULT.exec(text) ?? [];
    if (name === undefined) {
      throw new SagaproofError('usage', `"${text}" is no fault`, {
        fix: 'write it like kill-websocket-node@30s or latency-order→kafka@10s+5s',
      });
    }
    return {
      text,
      name: name as PlannedFault['name'],
      target: targetOf(text, subject.replace('->', '→'), book, random),
      atMs: Number(atSeconds) * 1_000,
      forMs: forSeconds === undefined ? LASTS_MS : Number(forSeconds) * 1_000,
    };
  });
}

function targetOf(
  text: string,
  subject: string,
  { services, links, providers }: Pick<AddressBook, 'services' | 'links' | 'providers'>,
  random: Random,
): string {
  const instances = services[subject as ServiceName]?.instances.map(({ id }) => id) ?? [];
  if (instances.length > 0) return random.pick(instances);
  const ids = Object.values(services).flatMap((service) => service.instances.map(({ id }) => id));
  const known = [...ids, ...Object.keys(providers), ...links.map(({ name }) => name)];
  if (known.includes(subject)) return subject;
  throw new SagaproofError('usage', `"${text}": the stack has no ${subject}`, {
    fix: `name a service (${Object.keys(services).join(', ')}), an instance, a server or a link`,
  });
}

/**
 * Arms each fault at its time, and lifts it when its time is over.
 *
 * @returns why faults did not land, in words
 */
export async function playFaults(
  planned: readonly PlannedFault[],
  {
    faults,
    startMs,
    signal,
  }: {
    readonly faults: Faults;
    /** Of the monotone clock. */
    readonly startMs: number;
    readonly signal: AbortSignal;
  },
): Promise<string[]> {
  const play = async (fault: PlannedFault): Promise<string[]> => {
    const waitMs = Math.max(0, startMs + fault.atMs - performance.now());
    await pause(waitMs, undefined, { signal });
    let armed: ArmedFault;
    try {
      armed = await arm(faults, fault);
    } catch (error) {
      return [`${fault.text} did not land: ${error instanceof Error ? error.message : error}`];
    }
    try {
      await orAborted(pause(fault.forMs, undefined, { signal }), signal);
    } finally {
      await armed.lift();
    }
    return [];
  };
  const ended = await Promise.all(planned.map(play));
  return ended.flat();
}

function arm(faults: Faults, { name, target }: PlannedFault): Promise<ArmedFault> {
  return name === 'latency'
    ? faults.latency(target, { latencyMs: LATENCY_MS })
    : faults[name](target);
}
