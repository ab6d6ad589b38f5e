/** Every fault, by name: the table that a new one is added to. */
import { readJournal } from '../../harness/kernel/journal.ts';
import { runPaths } from '../../harness/kernel/run-folder.ts';
import type { ArmedFault, Fault, FaultEvent, FaultRecorder } from '../../harness/links/fault.ts';
import { wireControl } from '../../harness/links/wire.ts';
import type { Stack } from '../../harness/testbed/stack.ts';
import { answerError } from './answer-error.ts';
import type { MessageContext } from './at-operation.ts';
import { blackHole } from './black-hole.ts';
import { cut, type LinkContext } from './cut.ts';
import { cutAt } from './cut-at.ts';
import { duplicate } from './duplicate.ts';
import { hang } from './hang.ts';
import { kill } from './kill.ts';
import { killAt } from './kill-at.ts';
import { lateAnswer } from './late-answer.ts';
import { latency } from './latency.ts';
import { loseAnswer } from './lose-answer.ts';
import { loseRequest } from './lose-request.ts';
import { pause } from './pause.ts';
import { pauseAt } from './pause-at.ts';
import type { ProcessContext } from './processes.ts';
import { reorder } from './reorder.ts';
import { reset } from './reset.ts';
import { restart } from './restart.ts';

const FAULTS = {
  ...{ cut, hang, kill, latency, pause, reset, restart },
  ...{ loseRequest, loseAnswer, lateAnswer, duplicate, reorder, answerError, blackHole },
  ...{ cutAt, killAt, pauseAt },
} as const;

/** What faults may act on. */
export type FaultContext = LinkContext & MessageContext & ProcessContext & FaultRecorder;

type OptionsOf<F> = F extends Fault<never, infer Options> ? Options : never;
type Arm<Options> = (
  target: string,
  ...options: object extends Options ? [options?: Options] : [options: Options]
) => Promise<ArmedFault>;

/**
 * One function for each fault: `faults.cut('inventory→kafka')`. It resolves once the fault has
 * landed, with what lifts it; when it does not land, it is lifted and the promise rejects.
 */
export type Faults = {
  readonly [Name in keyof typeof FAULTS]: Arm<OptionsOf<(typeof FAULTS)[Name]>>;
} & {
  /** Arms any fault, one of your own too, and leaves it to the caller to wait for its landing. */
  arm<Options extends object>(
    fault: Fault<FaultContext, Options>,
    target: string,
    options: Options,
  ): Promise<ArmedFault>;
};

/** @param record takes each event of a fault's life into the history */
export function faultsOf(stack: Stack, record: (event: FaultEvent) => void): Faults {
  const { processes } = runPaths(stack.runFolder);
  return bindFaults({
    links: stack.links,
    control: stack.control,
    openWire: () => wireControl(stack.addressBook),
    processEvents: () => readJournal(processes),
    record,
  });
}

export function bindFaults(context: FaultContext): Faults {
  const armed = async (fault: Fault<FaultContext, object>, target: string, options: object) => {
    const done = await fault.arm(context, target, options);
    await done.requireLanded();
    return done;
  };
  const named = Object.entries(FAULTS).map(([name, fault]) => [
    name,
    (target: string, options: object = {}) =>
      armed(fault as Fault<FaultContext, object>, target, options),
  ]);
  return {
    ...Object.fromEntries(named),
    arm: (fault: Fault<FaultContext, object>, target: string, options: object) =>
      fault.arm(context, target, options),
  } as Faults;
}
