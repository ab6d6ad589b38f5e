import { MatchersV3 } from '@pact-foundation/pact';
import { expect } from 'vitest';
import type { Frame, Level } from '#harness/clients/socket.ts';
import type { ContractInMaking } from '#harness/contracts/consumer/contract.ts';
import { frameInteraction } from '#harness/contracts/consumer/socket.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { byHeader, onSocket } from './handshake.testkit.ts';

type Json = Readonly<Record<string, unknown>>;

const { jobId, orderId } = FICTION;
const { integer, regex } = MatchersV3;

/** An update in the provider's states, without the parts that depend on the level. */
interface Update {
  readonly sequence: number;
  readonly level: Level;
  readonly kind: string;
  readonly state: string;
  readonly step?: string;
  readonly reason?: string;
  readonly detail?: string;
}

/** The story of a job whose payment was tried twice and declined, so that stock went back. */
const STARTED = { sequence: 1, level: 'progress', kind: 'STARTED', state: 'RUNNING' } as const;
const STORY: readonly Update[] = [
  STARTED,
  {
    ...{ sequence: 2, level: 'detail', kind: 'DOMAIN_EVENT', state: 'RUNNING' },
    detail: 'StockReserved',
  },
  {
    ...{ sequence: 3, level: 'progress', kind: 'STEP_COMPLETED', state: 'RUNNING' },
    step: 'RESERVE_STOCK',
  },
  {
    ...{ sequence: 4, level: 'detail', kind: 'STEP_RETRIED', state: 'RUNNING' },
    ...{ step: 'AUTHORIZE_PAYMENT', reason: 'step-timed-out' },
  },
  {
    ...{ sequence: 5, level: 'progress', kind: 'STEP_FAILED', state: 'RUNNING' },
    ...{ step: 'AUTHORIZE_PAYMENT', reason: 'card-declined' },
  },
  {
    ...{ sequence: 6, level: 'detail', kind: 'COMPENSATING', state: 'COMPENSATING' },
    reason: 'card-declined',
  },
  {
    ...{ sequence: 7, level: 'detail', kind: 'STEP_COMPENSATED', state: 'COMPENSATING' },
    step: 'RESERVE_STOCK',
  },
  {
    ...{ sequence: 8, level: 'outcome', kind: 'FAILED', state: 'FAILED' },
    reason: 'card-declined',
  },
];

const LEVELS: readonly Level[] = ['outcome', 'progress', 'detail'];
const isSeenAt = (level: Level) => (update: Update) =>
  LEVELS.indexOf(update.level) <= LEVELS.indexOf(level);

const traceparent = () =>
  regex(
    /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/,
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  );

/** Every field of an update frame, for a subscriber who saw `previousSequence` before it. */
function updateFrame(update: Update, previousSequence: number): Json {
  const { step = null, reason = null, detail = null, ...rest } = update;
  return {
    ...{ type: 'update', jobId, orderId, previousSequence, ...rest, step, reason, detail },
    ...{ occurredAt: happenedAt(update.sequence), traceparent: traceparent() },
  };
}

/** The states of the provider have an update every second. */
const happenedAt = (sequence: number): string =>
  new Date(Date.UTC(2026, 10, 22, 9, 0, sequence)).toISOString();

/** The client subscribes and waits for a frame of this type. */
const following = (subscription: { level: Level; jobId?: string; afterSequence?: number }) =>
  onSocket(async (socket) => {
    await socket.subscribe(subscription);
    return socket.waitFor('a frame', ({ type }) => type !== 'subscribed');
  });

interface Seen {
  readonly description: string;
  readonly given: readonly string[];
  readonly level: Level;
  /** Absent: of all jobs. */
  readonly jobId?: string;
  readonly afterSequence?: number;
  readonly after?: readonly string[];
  readonly frame: Json;
  readonly expected: Partial<Frame>;
}

function seen(contract: ContractInMaking, about: Seen): void {
  const { level, afterSequence } = about;
  const of = about.jobId === undefined ? {} : { jobId: about.jobId };
  const from = afterSequence === undefined ? {} : { afterSequence };
  frameInteraction(contract, {
    description: about.description,
    given: ['the user is signed in', ...about.given],
    handshake: byHeader(),
    subscribe: { type: 'subscribe', requestId: 'r1', level, ...of, ...from },
    subscribed: {
      ...{ type: 'subscribed', requestId: 'r1', level },
      ...{ jobId: about.jobId ?? null, afterSequence: afterSequence ?? 0 },
    },
    after: about.after ?? [],
    frame: about.frame,
    consume: following({ level, ...of, ...from }),
    expect: (outcome) =>
      expect(outcome).toMatchObject({ kind: 'done', value: { ...about.expected } }),
  });
}

/** Frames that come unasked: updates of each kind at each level, and the others. */
export function frames(contract: ContractInMaking): void {
  for (const level of LEVELS) {
    const visible = STORY.filter(isSeenAt(level));
    for (const [index, update] of visible.entries()) {
      const before = visible.slice(0, index);
      seen(contract, {
        description: `${update.kind} as a subscriber at level ${level} sees it`,
        given: ['the job failed and was compensated'],
        ...{ level, jobId, after: before.map(({ kind }) => `update ${kind}`) },
        frame: updateFrame(update, before.at(-1)?.sequence ?? 0),
        expected: { kind: update.kind, level: update.level, sequence: update.sequence },
      });
    }
  }
  resumed(contract);
  live(contract);
  others(contract);
}

function resumed(contract: ContractInMaking): void {
  const [, , , retried, failed] = STORY;
  if (retried === undefined || failed === undefined) throw new Error('the story is too short');
  seen(contract, {
    description: 'the first update after the one that was seen last',
    given: ['the job failed and was compensated'],
    ...{ level: 'detail', jobId, afterSequence: 3 },
    frame: updateFrame(retried, 3),
    expected: { sequence: 4, previousSequence: 3 },
  });
  seen(contract, {
    description: 'an update before which others are missing',
    given: ['the first four updates of the job are lost'],
    ...{ level: 'progress', jobId, afterSequence: 1 },
    frame: updateFrame(failed, 3),
    expected: { sequence: 5, previousSequence: 3 },
  });
}

function live(contract: ContractInMaking): void {
  for (const [which, of] of [
    ['the job', { jobId }],
    ['all jobs', {}],
  ] as const) {
    seen(contract, {
      description: `the start of a job that comes while ${which} is watched`,
      given: ['the job succeeds while a client watches'],
      ...{ level: 'detail', ...of },
      frame: updateFrame(STARTED, 0),
      expected: { sequence: 1, kind: 'STARTED' },
    });
    seen(contract, {
      description: `the success of a job that comes while ${which} is watched`,
      given: ['the job succeeds while a client watches'],
      ...{ level: 'outcome', ...of },
      frame: updateFrame(
        { sequence: 2, level: 'outcome', kind: 'SUCCEEDED', state: 'SUCCEEDED' },
        0,
      ),
      expected: { sequence: 2, kind: 'SUCCEEDED' },
    });
  }
}

function others(contract: ContractInMaking): void {
  seen(contract, {
    description: 'an update of a kind that is newer than the provider',
    given: ['the job has an update of an unknown kind'],
    ...{ level: 'detail', jobId },
    frame: updateFrame({ sequence: 1, level: 'detail', kind: 'UNKNOWN', state: 'RUNNING' }, 0),
    expected: { kind: 'UNKNOWN' },
  });
  seen(contract, {
    description: 'the end of a job that was not started in time',
    given: ['the job was forgotten before it started'],
    ...{ level: 'outcome', jobId },
    frame: {
      ...{ type: 'expired', jobId, orderId, sequence: 1, previousSequence: 0, level: 'outcome' },
      ...{ state: 'ISSUED', occurredAt: happenedAt(1), traceparent: traceparent() },
    },
    expected: { type: 'expired', state: 'ISSUED' },
  });
  seen(contract, {
    description: 'the request to come back, when the node is restarted',
    given: ['the node is about to be restarted'],
    level: 'outcome',
    frame: { type: 'reconnect', retryAfterMs: integer(800) },
    expected: { type: 'reconnect', retryAfterMs: 800 },
  });
}
