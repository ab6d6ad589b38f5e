import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type FactSource, parseFacts, readFactSource, refuseProblems } from './fact-file.ts';
import { sagaProblems } from './saga-problems.ts';
import { TOPIC_TABLE_PATH, TopicTableSchema } from './topics.ts';
import { parseTopology, TOPOLOGY_PATH } from './topology.ts';

const ServiceName = z.string();
const TopicName = z.string();
const TypeName = z.string().regex(/^[A-Z][A-Za-z]*$/, 'is not the name of a message type');
const Constant = z.string().regex(/^[A-Z][A-Z_]*$/, 'is not a name in capitals');

const JobUpdate = z
  .strictObject({
    update: Constant.describe('Kind of the update.'),
    level: z.enum(['OUTCOME', 'PROGRESS', 'DETAIL']).describe('The lowest level that sees it.'),
    state: Constant.describe('State of a job that was before it; a job never goes back.'),
  })
  .describe('What an event becomes on the topic of job updates.');

const SagaEvent = z.strictObject({ event: TypeName, job: JobUpdate });
const Outcome = SagaEvent.extend({
  status: Constant.optional().describe(
    'Status of the order from then on; absent: as before the saga.',
  ),
});

const Step = z.strictObject({
  name: Constant.describe('As the events of the saga and the job updates name it.'),
  participant: ServiceName,
  command: TypeName,
  done: TypeName.describe('Reply: the step is done.'),
  refused: TypeName.optional().describe('Reply: it will never be done, so the saga fails.'),
  failed: TypeName.optional().describe('Reply: it could not be done this time.'),
  pivot: z.boolean().default(false).describe('When it is done, the saga goes forward only.'),
  retriedUntilDone: z.boolean().default(false),
  onTimeout: z
    .enum(['compensate', 'resend'])
    .describe('No reply in time: undo this step and those before it, or send the command again.'),
  compensation: z
    .strictObject({
      command: TypeName,
      done: TypeName.describe('Reply: it is undone, or there was nothing to undo.'),
      tooLate: TypeName.optional().describe(
        'Reply: the step is done for good, so the saga goes forward.',
      ),
    })
    .optional(),
});

const Saga = z.strictObject({
  name: Constant,
  orchestrator: ServiceName,
  trigger: z.strictObject({
    rpc: z.string().describe('Method of the orchestrator’s gRPC service.'),
    http: z.string().describe('Operation of the OpenAPI document.'),
  }),
  undoes: Constant.optional().describe(
    'The saga that it takes back: it starts when that one has succeeded, and fails when it failed.',
  ),
  status: Constant.describe('Status of the order while the saga runs.'),
  started: SagaEvent,
  stepTimeoutMs: z.int().min(1).describe('How long each step waits for a reply.'),
  steps: z.array(Step).min(1).describe('In their order.'),
  outcomes: z.strictObject({ succeeded: Outcome, failed: Outcome }),
});

/** contracts/sagas.yaml, as it is written. */
export const SagasSchema = z
  .strictObject({
    participants: z.record(
      ServiceName,
      z.strictObject({ commands: TopicName, replies: TopicName }),
    ),
    orchestrators: z.record(
      ServiceName,
      z.strictObject({
        events: TopicName.describe('Where it publishes how its sagas go on.'),
        updates: TopicName.describe('Where these events become updates of the saga’s job.'),
        participantEvents: JobUpdate,
        progress: z.strictObject({
          stepCompleted: SagaEvent,
          stepFailed: SagaEvent,
          stepRetried: SagaEvent,
          compensationStarted: SagaEvent,
          stepCompensated: SagaEvent,
        }),
      }),
    ),
    sagas: z.array(Saga).min(1),
  })
  .describe('What each saga promises.');
export type WrittenSagas = z.output<typeof SagasSchema>;

export const SAGAS_PATH = fileURLToPath(new URL('../sagas.yaml', import.meta.url));

/** What an event becomes on the topic of job updates. */
export interface JobUpdateFacts {
  readonly update: string;
  readonly level: 'OUTCOME' | 'PROGRESS' | 'DETAIL';
  readonly state: string;
}
export interface SagaEventFacts {
  readonly event: string;
  readonly job: JobUpdateFacts;
}
export interface OutcomeFacts extends SagaEventFacts {
  readonly status?: string;
}

/** A step with its topics and its time-out. */
export interface StepFacts {
  readonly name: string;
  readonly participant: string;
  readonly command: { readonly topic: string; readonly type: string };
  readonly replies: {
    readonly topic: string;
    readonly done: string;
    readonly refused?: string;
    readonly failed?: string;
  };
  readonly compensation?: {
    readonly command: string;
    readonly done: string;
    readonly tooLate?: string;
  };
  readonly pivot: boolean;
  readonly retriedUntilDone: boolean;
  readonly onTimeout: 'compensate' | 'resend';
  readonly timeoutMs: number;
}

/** A saga with everything that its orchestrator says in all of its sagas. */
export interface SagaFacts {
  readonly name: string;
  readonly orchestrator: string;
  readonly trigger: { readonly rpc: string; readonly http: string };
  readonly undoes?: string;
  readonly status: string;
  readonly events: string;
  readonly updates: string;
  readonly started: SagaEventFacts;
  readonly progress: {
    readonly stepCompleted: SagaEventFacts;
    readonly stepFailed: SagaEventFacts;
    readonly stepRetried: SagaEventFacts;
    readonly compensationStarted: SagaEventFacts;
    readonly stepCompensated: SagaEventFacts;
  };
  readonly participantEvents: JobUpdateFacts;
  readonly steps: readonly StepFacts[];
  readonly outcomes: { readonly succeeded: OutcomeFacts; readonly failed: OutcomeFacts };
}

export interface SagaSources {
  readonly sagas: FactSource;
  readonly topology: FactSource;
  readonly topics: FactSource;
}

/**
 * Parses sagas, checked against the services and topics that they name.
 *
 * @throws FactFileError with the line, the problem and the fix of each
 */
export function parseSagas(sources: SagaSources): readonly SagaFacts[] {
  const topology = parseTopology(sources.topology, sources.topics);
  const { topics } = parseFacts(sources.topics, TopicTableSchema).value;
  const file = parseFacts(sources.sagas, SagasSchema);
  refuseProblems(sagaProblems(file, { services: Object.keys(topology.services), topics }));
  return file.value.sagas.map((saga) => resolved(saga, file.value));
}

/** Reads the sagas of this system. */
export const readSagas = (path: string = SAGAS_PATH): readonly SagaFacts[] =>
  parseSagas({
    sagas: readFactSource(path),
    topology: readFactSource(TOPOLOGY_PATH),
    topics: readFactSource(TOPIC_TABLE_PATH),
  });

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without keys that were left out: they are absent, not undefined. */
const given = <T extends object>(value: T): Given<T> =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Given<T>;

function resolved(
  saga: WrittenSagas['sagas'][number],
  { orchestrators, participants }: WrittenSagas,
): SagaFacts {
  const { steps, stepTimeoutMs: timeoutMs, outcomes, ...rest } = saga;
  const orchestrator = orchestrators[saga.orchestrator];
  if (orchestrator === undefined) throw new Error(`${saga.name} has no orchestrator`);
  return {
    ...rest,
    ...orchestrator,
    steps: steps.map((step) => {
      const { command, done, refused, failed, compensation, ...others } = step;
      const topics = participants[step.participant];
      if (topics === undefined) throw new Error(`${step.name} has no participant`);
      return given({
        ...others,
        timeoutMs,
        command: { topic: topics.commands, type: command },
        replies: given({ topic: topics.replies, done, refused, failed }),
        compensation: compensation && given(compensation),
      });
    }),
    outcomes,
  } as SagaFacts;
}
