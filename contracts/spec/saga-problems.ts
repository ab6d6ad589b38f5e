/** What the shape of contracts/sagas.yaml alone cannot say. */
import { type FactFile, type FactPath, fixForName, repeated } from './fact-file.ts';
import type { WrittenSagas } from './sagas.ts';
import type { Topic } from './topics.ts';

interface Known {
  readonly services: readonly string[];
  readonly topics: readonly Topic[];
}
type File = FactFile<WrittenSagas>;
type Saga = WrittenSagas['sagas'][number];
type Step = Saga['steps'][number];

/** Every contradiction in the sagas, and everything that they name and that does not exist. */
export function sagaProblems(file: File, known: Known): string[] {
  const { participants, orchestrators, sagas } = file.value;
  const unknownServices = (['participants', 'orchestrators'] as const).flatMap((kind) =>
    Object.keys(file.value[kind])
      .filter((name) => !known.services.includes(name))
      .map((name) =>
        file.problem([kind, name], `there is no service ${name}`, fixForName(name, known.services)),
      ),
  );
  return [
    ...unknownServices,
    ...topicProblems(file, known),
    ...repeated(sagas.map(({ name }) => name)).map(({ name, index }) =>
      file.problem(['sagas', index, 'name'], `the saga ${name} is listed twice`, 'rename one'),
    ),
    ...repeatedEvents(file),
    ...sagas.flatMap((saga, index) => [
      ...notAmong(file, ['sagas', index, 'orchestrator'], Object.keys(orchestrators), saga),
      ...undoesProblems(file, saga, ['sagas', index, 'undoes']),
      ...stepNameProblems(file, saga, index),
      ...pivotProblems(file, saga, index),
      ...saga.steps.flatMap((step, place) =>
        stepProblems(file, step, ['sagas', index, 'steps', place], Object.keys(participants)),
      ),
    ]),
  ];
}

function notAmong(
  file: File,
  path: FactPath,
  known: readonly string[],
  { orchestrator }: Saga,
): string[] {
  if (known.includes(orchestrator)) return [];
  const message = `there is no orchestrator ${orchestrator}`;
  return [file.problem(path, message, fixForName(orchestrator, known))];
}

/** Topics that do not exist, or that the topic table gives to other services. */
function topicProblems(file: File, { topics }: Known): string[] {
  const names = topics.map(({ name }) => name);
  const { participants, orchestrators } = file.value;
  const check = (
    path: FactPath,
    topic: string,
    role: 'producers' | 'consumers',
    service: string,
  ) => {
    const found = topics.find(({ name }) => name === topic);
    if (found === undefined) {
      return [file.problem(path, `there is no topic ${topic}`, fixForName(topic, names))];
    }
    if (found[role].includes(service)) return [];
    const message = `${service} is not among the ${role} of ${topic} in topics.yaml`;
    return [file.problem(path, message, 'add it there or name another topic')];
  };
  return [
    ...Object.entries(participants).flatMap(([name, { commands, replies }]) => [
      ...check(['participants', name, 'commands'], commands, 'consumers', name),
      ...check(['participants', name, 'replies'], replies, 'producers', name),
    ]),
    ...Object.entries(orchestrators).flatMap(([name, { events, updates }]) => {
      const at = ['orchestrators', name];
      const exists = names.includes(updates)
        ? []
        : [
            file.problem(
              [...at, 'updates'],
              `there is no topic ${updates}`,
              fixForName(updates, names),
            ),
          ];
      return [...check([...at, 'events'], events, 'producers', name), ...exists];
    }),
  ];
}

/** An event that starts or ends two sagas would say nothing about either. */
function repeatedEvents(file: File): string[] {
  const places = file.value.sagas.flatMap(({ started, outcomes }, index) => [
    { event: started.event, path: ['sagas', index, 'started', 'event'] },
    { event: outcomes.succeeded.event, path: ['sagas', index, 'outcomes', 'succeeded', 'event'] },
    { event: outcomes.failed.event, path: ['sagas', index, 'outcomes', 'failed', 'event'] },
  ]);
  return repeated(places.map(({ event }) => event)).map(({ name, index }) =>
    file.problem(
      places[index]?.path ?? [],
      `${name} starts or ends a saga already`,
      'name another event',
    ),
  );
}

function undoesProblems(file: File, { name, undoes }: Saga, path: FactPath): string[] {
  if (undoes === undefined) return [];
  const others = file.value.sagas.map((saga) => saga.name).filter((other) => other !== name);
  if (others.includes(undoes)) return [];
  return [file.problem(path, `there is no other saga ${undoes}`, fixForName(undoes, others))];
}

const stepNameProblems = (file: File, { steps }: Saga, saga: number): string[] =>
  repeated(steps.map(({ name }) => name)).map(({ name, index }) =>
    file.problem(
      ['sagas', saga, 'steps', index, 'name'],
      `the step ${name} is listed twice`,
      'rename one',
    ),
  );

function pivotProblems(file: File, { name, steps }: Saga, saga: number): string[] {
  const pivots = steps.flatMap(({ pivot }, place) => (pivot ? [place] : []));
  const [pivot, second] = pivots;
  const at = ['sagas', saga, 'steps'];
  if (pivot === undefined) {
    return [file.problem(at, `${name} has no pivot`, 'write `pivot: true` in one step')];
  }
  if (second !== undefined) {
    return [file.problem([...at, second, 'pivot'], `${name} has two pivots`, 'keep one')];
  }
  return steps.flatMap((step, place) => {
    if (place < pivot && step.compensation === undefined) {
      const message = `${step.name} comes before the pivot and cannot be undone`;
      return [file.problem([...at, place], message, 'add a compensation')];
    }
    if (place > pivot && !step.retriedUntilDone) {
      const message = `${step.name} comes after the pivot and may fail`;
      return [file.problem([...at, place], message, 'add `retriedUntilDone: true`')];
    }
    return [];
  });
}

function stepProblems(
  file: File,
  step: Step,
  path: FactPath,
  participants: readonly string[],
): string[] {
  const { name, participant, refused, failed, onTimeout, compensation, retriedUntilDone } = step;
  const problems: string[] = [];
  const check = (isWrong: boolean, key: string, message: string, fix: string): void => {
    if (isWrong) problems.push(file.problem([...path, key], message, fix));
  };
  check(
    !participants.includes(participant),
    'participant',
    `there is no participant ${participant}`,
    fixForName(participant, participants),
  );
  check(
    onTimeout === 'compensate' && compensation === undefined,
    'onTimeout',
    `${name} has no compensation`,
    'add one or write `onTimeout: resend`',
  );
  check(
    retriedUntilDone && refused !== undefined,
    'refused',
    `${name} is retried until it is done, so it cannot be refused`,
    'remove `refused` or `retriedUntilDone`',
  );
  check(
    retriedUntilDone && onTimeout === 'compensate',
    'onTimeout',
    `${name} is retried until it is done, so it is not undone`,
    'write `onTimeout: resend`',
  );
  check(
    failed !== undefined && !retriedUntilDone,
    'failed',
    `${name} is not retried after ${failed}`,
    'add `retriedUntilDone: true` or write `refused` instead',
  );
  return problems;
}
