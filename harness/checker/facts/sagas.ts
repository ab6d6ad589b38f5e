import { SAGAS } from '#contracts/spec/sagas.generated.ts';
import type { SagaFacts, StepFacts } from '#contracts/spec/sagas.ts';

/** What `contracts/sagas.yaml` promises, in the forms that invariants look things up by. */
const ALL: readonly SagaFacts[] = SAGAS;

/** The steps of a saga, in their order. */
export const stepsOf = (saga: (typeof SAGAS)[number]['name']): readonly StepFacts[] =>
  ALL.find(({ name }) => name === saga)?.steps ?? [];

const EVERY_STEP = ALL.flatMap(({ steps }) => steps);
export const STEP_NAMES: readonly string[] = [...new Set(EVERY_STEP.map(({ name }) => name))];

/** The events that end a saga. */
export const OUTCOMES = ALL.flatMap(({ outcomes: { succeeded, failed } }) => [succeeded, failed]);
export const OUTCOME_TYPES: readonly string[] = OUTCOMES.map(({ event }) => event);

/** Every event of a saga, with the job update that it leads to. */
const SAGA_EVENTS = [
  ...ALL.flatMap(({ started, progress }) => [started, ...Object.values(progress)]),
  ...OUTCOMES,
];
export const SAGA_EVENT_TYPES: readonly string[] = [
  ...new Set(SAGA_EVENTS.map(({ event }) => event)),
];

/** By the type of a saga's event, the kind of job update that it leads to. */
export const UPDATE_OF: Readonly<Record<string, string>> = Object.fromEntries(
  SAGA_EVENTS.map(({ event, job }) => [event, job.update]),
);

/** Kinds of updates that report a failure, each with its reason. */
export const FAILURE_UPDATES: ReadonlySet<string> = new Set(
  ALL.flatMap(({ progress, outcomes }) => [
    progress.stepFailed.job.update,
    outcomes.failed.job.update,
  ]),
);

/** Kinds of updates that report an event of a participant, not of the saga. */
export const PARTICIPANT_UPDATES: ReadonlySet<string> = new Set(
  ALL.map(({ participantEvents }) => participantEvents.update),
);

/** By the type of a command, the replies that fit it. */
export const REPLIES_TO: Readonly<Record<string, readonly string[]>> = repliesByCommand();

function repliesByCommand(): Record<string, string[]> {
  const replies = new Map<string, Set<string>>();
  const add = (command: string, ...types: ReadonlyArray<string | undefined>) => {
    const known = replies.get(command) ?? new Set();
    replies.set(command, known);
    for (const type of types) if (type !== undefined) known.add(type);
  };
  for (const { command, replies: reply, compensation } of EVERY_STEP) {
    add(command.type, reply.done, reply.refused, reply.failed);
    if (compensation !== undefined) {
      add(compensation.command, compensation.done, compensation.tooLate);
    }
  }
  return Object.fromEntries([...replies].map(([command, types]) => [command, [...types]]));
}
export const COMMAND_TYPES: readonly string[] = Object.keys(REPLIES_TO);

/** By event type and step, as `SagaStepFailed RESERVE_STOCK`, the replies that lead to it. */
export const CAUSES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ALL.flatMap(({ progress, steps }) =>
    steps.flatMap(({ name, replies, compensation }) => {
      const causes: Array<[event: string, replies: Array<string | undefined>]> = [
        // What is too late to be undone is done for good: the saga goes forward.
        [progress.stepCompleted.event, [replies.done, compensation?.tooLate]],
        [progress.stepFailed.event, [replies.refused]],
        [progress.stepCompensated.event, [compensation?.done]],
      ];
      return causes
        .map(([event, types]) => [`${event} ${name}`, types.filter(isDefined)] as const)
        .filter(([, types]) => types.length > 0);
    }),
  ),
);

function isDefined(type: string | undefined): type is string {
  return type !== undefined;
}
