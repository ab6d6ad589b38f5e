import { SAGAS } from '#contracts/spec/sagas.generated.ts';
import type { Frame, Level } from '../../harness/clients/socket.ts';

/**
 * What a job tells of its saga, derived from contracts/sagas.yaml: the updates from the first to
 * the outcome.
 */
export interface Tale {
  /** Kind and step of each update at level `progress` or below, in their order. */
  readonly updates: ReadonlyArray<readonly [kind: string, step: string | null]>;
  /** Steps that are undone, in their order. */
  readonly undone: readonly string[];
  readonly state: string;
}

type SagaName = (typeof SAGAS)[number]['name'];

/** The step that a saga fails at, by the reason that it gives; all others fail before a step. */
const FAILS_AT: Readonly<Record<string, string>> = {
  'out-of-stock': 'RESERVE_STOCK',
  'card-declined': 'AUTHORIZE_PAYMENT',
  'credit-limit-exceeded': 'AUTHORIZE_PAYMENT',
  'address-undeliverable': 'SCHEDULE_SHIPMENT',
  'shipment-dispatched': 'CANCEL_SHIPMENT',
};

/** @param reason why the saga failed; undefined when it succeeded */
export function taleOf(name: SagaName, reason: string | undefined): Tale {
  const saga = SAGAS.find((one) => one.name === name);
  if (saga === undefined) throw new Error(`contracts/sagas.yaml has no ${name}`);
  const { progress, started, outcomes } = saga;
  const steps = saga.steps.map((step) => step.name);
  const outcome = reason === undefined ? outcomes.succeeded : outcomes.failed;
  const failed = reason === undefined ? undefined : FAILS_AT[reason];
  const done = steps.slice(0, reason === undefined ? steps.length : countBefore(steps, failed));
  const isUndoable = (step: string) =>
    saga.steps.some((one) => one.name === step && 'compensation' in one);
  return {
    updates: [
      [started.job.update, null],
      ...done.map((step) => [progress.stepCompleted.job.update, step] as const),
      ...(failed === undefined ? [] : [[progress.stepFailed.job.update, failed] as const]),
      [outcome.job.update, null],
    ],
    undone: reason === undefined ? [] : done.filter(isUndoable).reverse(),
    state: outcome.job.state,
  };
}

const countBefore = (steps: readonly string[], failed: string | undefined): number =>
  failed === undefined ? 0 : steps.indexOf(failed);

const RANKS: Readonly<Record<Level, number>> = { outcome: 0, progress: 1, detail: 2 };
const rankOf = (level: unknown): number => RANKS[level as Level];

/** What a socket at a level gets of updates that one at `detail` got, as the protocol says. */
export function seenAt(level: Level, updates: readonly Frame[]): Frame[] {
  let previousSequence = 0;
  return updates
    .filter((frame) => rankOf(frame.level) <= rankOf(level))
    .map((frame) => {
      const seen = { ...frame, previousSequence };
      previousSequence = frame.sequence ?? 0;
      return seen;
    });
}

const STATES = ['ISSUED', 'RUNNING', 'COMPENSATING', 'SUCCEEDED', 'FAILED'];

/** What is wrong with the updates of one job at level `detail`. */
export function flawsOf(updates: readonly Frame[], tale: Tale): string[] {
  const flaws: string[] = [];
  const numbers = updates.map(({ sequence }) => sequence);
  if (numbers.some((number, index) => number !== index + 1)) {
    flaws.push(`the updates are numbered ${numbers}`);
  }
  const shown = updates.filter(({ level }) => level !== 'detail').map(inBrief);
  const due = tale.updates.map(([kind, step]) => `${kind} ${step ?? ''}`.trim());
  if (shown.join() !== due.join()) flaws.push(`the updates are ${shown}, and not ${due}`);
  const undone = updates.filter(({ kind }) => kind === 'STEP_COMPENSATED').map(({ step }) => step);
  if (undone.join() !== tale.undone.join()) {
    flaws.push(`the steps undone are [${undone}], and not [${tale.undone}]`);
  }
  const ranks = updates.map(({ state }) => STATES.indexOf(state ?? ''));
  if (ranks.some((rank, index) => rank < (ranks[index - 1] ?? 0))) {
    flaws.push(`the state goes back: ${updates.map(({ state }) => state)}`);
  }
  if (updates.at(-1)?.state !== tale.state) {
    flaws.push(`the last state is ${updates.at(-1)?.state}, and not ${tale.state}`);
  }
  return flaws;
}

const inBrief = ({ kind, step }: Frame): string => `${kind} ${step ?? ''}`.trim();
