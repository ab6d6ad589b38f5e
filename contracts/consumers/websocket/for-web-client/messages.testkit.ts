import { MatchersV3 } from '@pact-foundation/pact';
import { expect } from 'vitest';
import type { Level } from '#harness/clients/socket.ts';
import type { ContractInMaking } from '#harness/contracts/consumer/contract.ts';
import { socketExchange } from '#harness/contracts/consumer/socket.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import type { Said } from '#harness/pacts/socket-interaction.ts';
import { becomes } from '../../outcomes.testkit.ts';
import { answerTo, byHeader, OPEN, onSocket, sentence } from './handshake.testkit.ts';

type Json = Readonly<Record<string, unknown>>;

const { regex } = MatchersV3;
const { jobId, otherJobId } = FICTION;

/** Says something and waits for the frame with this request id, or for the first one of all. */
const saying = (message: Json, requestId?: string) =>
  onSocket(async (socket) => {
    socket.send(message);
    return answerTo(socket, requestId);
  });

/** What the client says, and the answers to it. */
export function messages(contract: ContractInMaking): void {
  subscriptions(contract);
  endings(contract);
  refusals(contract);
}

function subscriptions(contract: ContractInMaking): void {
  const subscribed = (level: Level, afterSequence = 0, of: string | null = jobId) => ({
    type: 'subscribed',
    requestId: 'r1',
    jobId: of,
    level,
    afterSequence,
  });

  for (const level of ['outcome', 'progress', 'detail'] as const) {
    socketExchange(contract, {
      description: `a subscription to a job at level ${level}`,
      given: ['the user is signed in', 'the job runs'],
      handshake: byHeader(),
      says: [{ json: { type: 'subscribe', requestId: 'r1', jobId, level } }],
      answer: { ...OPEN, frames: [subscribed(level)] },
      consume: onSocket((socket) => socket.subscribe({ jobId, level })),
      expect: becomes(subscribed(level)),
    });
  }

  socketExchange(contract, {
    description: 'a subscription to a job after the update that was seen last',
    given: ['the user is signed in', 'the job runs'],
    handshake: byHeader(),
    says: [
      { json: { type: 'subscribe', requestId: 'r1', jobId, level: 'detail', afterSequence: 1 } },
    ],
    answer: { ...OPEN, frames: [subscribed('detail', 1)] },
    consume: onSocket((socket) => socket.subscribe({ jobId, level: 'detail', afterSequence: 1 })),
    expect: becomes(subscribed('detail', 1)),
  });

  socketExchange(contract, {
    description: 'a subscription to a job that nothing was said about yet',
    given: ['the user is signed in', 'nothing was said about the job'],
    handshake: byHeader(),
    says: [{ json: { type: 'subscribe', requestId: 'r1', jobId, level: 'outcome' } }],
    answer: { ...OPEN, frames: [subscribed('outcome')] },
    consume: onSocket((socket) => socket.subscribe({ jobId, level: 'outcome' })),
    expect: becomes(subscribed('outcome')),
  });

  socketExchange(contract, {
    description: 'a subscription to all jobs of the user',
    given: 'the user is signed in',
    handshake: byHeader(),
    says: [{ json: { type: 'subscribe', requestId: 'r1', level: 'progress' } }],
    answer: { ...OPEN, frames: [subscribed('progress', 0, null)] },
    consume: onSocket((socket) => socket.subscribe({ level: 'progress' })),
    expect: becomes(subscribed('progress', 0, null)),
  });

  resumption(contract);
}

/** Each job is acknowledged by itself, in the order of their names in the message. */
function resumption(contract: ContractInMaking): void {
  const acknowledged = (of: string, afterSequence: number) => ({
    type: 'subscribed',
    requestId: 'r1',
    jobId: of,
    level: 'detail',
    afterSequence,
  });
  const positions = { [jobId]: 1, [otherJobId]: 2 };
  socketExchange(contract, {
    description: 'a resumption of two jobs after a reconnect',
    given: ['the user is signed in', 'the job runs', 'another job of the user runs'],
    handshake: byHeader(),
    says: [{ json: { type: 'resume', requestId: 'r1', positions, level: 'detail' } }],
    answer: { ...OPEN, frames: [acknowledged(jobId, 1), acknowledged(otherJobId, 2)] },
    consume: onSocket(async (socket) => {
      await socket.resume(positions, 'detail');
      await socket.waitFor('both', () => socket.frames.length === 2);
      return socket.frames;
    }),
    expect: becomes([acknowledged(jobId, 1), acknowledged(otherJobId, 2)]),
  });
}

function endings(contract: ContractInMaking): void {
  const subscribing = (of: Json): Said => ({
    json: { type: 'subscribe', requestId: 'r1', ...of, level: 'outcome' },
  });
  const unsubscribed = (of: string | null) => ({
    type: 'unsubscribed',
    requestId: 'end',
    jobId: of,
  });
  const ending = (of: { readonly jobId?: string }) =>
    onSocket(async (socket) => {
      const subscribed = await socket.subscribe({ ...of, level: 'outcome' });
      socket.send({ type: 'unsubscribe', requestId: 'end', ...of });
      return [subscribed, await answerTo(socket, 'end')];
    });
  const cases = [
    ['to a job', { jobId }, jobId],
    ['to all jobs', {}, null],
  ] as const;
  for (const [which, of, answered] of cases) {
    const subscribed = {
      ...{ type: 'subscribed', requestId: 'r1', jobId: answered },
      ...{ level: 'outcome', afterSequence: 0 },
    };
    socketExchange(contract, {
      description: `the end of a subscription ${which}`,
      given: ['the user is signed in', 'the job runs'],
      handshake: byHeader(),
      says: [subscribing(of), { json: { type: 'unsubscribe', requestId: 'end', ...of } }],
      answer: { ...OPEN, frames: [subscribed, unsubscribed(answered)] },
      consume: ending(of),
      expect: becomes([subscribed, unsubscribed(answered)]),
    });
  }

  socketExchange(contract, {
    description: 'a ping with a request id',
    given: 'the user is signed in',
    handshake: byHeader(),
    says: [{ json: { type: 'ping', requestId: 'p1' } }],
    answer: { ...OPEN, frames: [{ type: 'pong', requestId: 'p1' }] },
    consume: saying({ type: 'ping', requestId: 'p1' }, 'p1'),
    expect: becomes({ type: 'pong' }),
  });

  socketExchange(contract, {
    description: 'a ping without one',
    given: 'the user is signed in',
    handshake: byHeader(),
    says: [{ json: { type: 'ping' } }],
    answer: { ...OPEN, frames: [{ type: 'pong' }] },
    consume: saying({ type: 'ping' }),
    expect: becomes({ type: 'pong' }),
  });
}

function refusals(contract: ContractInMaking): void {
  const invalid = (detail: RegExp, example: string) => ({
    type: 'error',
    code: 'invalid-request',
    title: sentence('The request does not match its schema.'),
    detail: regex(detail, example),
  });
  const unknown = { type: 'shout', requestId: 'r1' };
  socketExchange(contract, {
    description: 'a message of a type that is not there',
    given: 'the user is signed in',
    handshake: byHeader(),
    says: [{ json: unknown }],
    answer: { ...OPEN, frames: [{ ...invalid(/^.*type.*$/, 'must be a type'), requestId: 'r1' }] },
    consume: saying(unknown, 'r1'),
    expect: becomes({ type: 'error', code: 'invalid-request' }),
  });

  const levelless = { type: 'subscribe', requestId: 'r1', jobId };
  socketExchange(contract, {
    description: 'a subscription without a level',
    given: 'the user is signed in',
    handshake: byHeader(),
    says: [{ json: levelless }],
    answer: { ...OPEN, frames: [{ ...invalid(/^.*level.*$/, 'needs level'), requestId: 'r1' }] },
    consume: saying(levelless, 'r1'),
    expect: becomes({ type: 'error', code: 'invalid-request', requestId: 'r1' }),
  });

  socketExchange(contract, {
    description: 'a frame that is not JSON',
    given: 'the user is signed in',
    handshake: byHeader(),
    says: [{ text: '{"type":' }],
    answer: { ...OPEN, frames: [invalid(/^.*JSON.*$/, 'The frame is not JSON.')] },
    consume: onSocket((socket) => {
      socket.sendRaw('{"type":');
      return answerTo(socket, undefined);
    }),
    expect: (outcome) => {
      becomes({ type: 'error', code: 'invalid-request' })(outcome);
      expect(outcome).not.toHaveProperty('value.requestId');
    },
  });

  const refused = (code: string, example: string, about: Json = {}) => ({
    ...{ type: 'error', code, title: sentence(example), requestId: 'r1' },
    ...about,
  });
  socketExchange(contract, {
    description: 'a subscription to another user’s job',
    given: ['the user is signed in', 'the job is another user’s'],
    handshake: byHeader(),
    says: [{ json: { type: 'subscribe', requestId: 'r1', jobId, level: 'detail' } }],
    answer: { ...OPEN, frames: [refused('job-not-found', 'There is no such job.', { jobId })] },
    consume: onSocket((socket) => socket.subscribe({ jobId, level: 'detail' })),
    expect: becomes({ type: 'error', code: 'job-not-found', jobId }),
  });

  socketExchange(contract, {
    description: 'a resumption of another user’s job',
    given: ['the user is signed in', 'the job is another user’s'],
    handshake: byHeader(),
    says: [
      { json: { type: 'resume', requestId: 'r1', positions: { [jobId]: 0 }, level: 'detail' } },
    ],
    answer: { ...OPEN, frames: [refused('job-not-found', 'There is no such job.', { jobId })] },
    consume: onSocket((socket) => socket.resume({ [jobId]: 0 }, 'detail')),
    expect: becomes({ type: 'error', code: 'job-not-found', jobId }),
  });

  socketExchange(contract, {
    description: 'a subscription while Redis is away',
    given: ['the user is signed in', 'Redis goes away while the socket is open'],
    handshake: byHeader(),
    says: [{ json: { type: 'subscribe', requestId: 'r1', jobId, level: 'detail' } }],
    answer: { ...OPEN, frames: [refused('unavailable', 'A part cannot be reached.')] },
    consume: onSocket((socket) => socket.subscribe({ jobId, level: 'detail' })),
    expect: becomes({ type: 'error', code: 'unavailable' }),
  });
}
