import { readFileSync } from 'node:fs';
import pMap from 'p-map';
import { v4 as uuid } from 'uuid';
import { parse } from 'yaml';
import type { Frame } from '../harness/clients/socket.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import type { User } from '../harness/scenario/user.ts';
import { Boundaries, type Variant } from './limits/boundaries.ts';

const DOCUMENT = new URL('../contracts/spec/asyncapi.yaml', import.meta.url);
const SOCKETS = 4;
/** A socket may send 40 messages at once. */
const MESSAGES_MAX = 38;

/**
 * Claims: a socket takes every message that the AsyncAPI document allows, and answers every other
 * one with the error `invalid-request`.
 * Checks: messages that are derived from the document: each limit at n - 1, n and n + 1, each
 * property left out, each member of a closed set.
 * Could be fooled: by two limits that are only wrong together; one place differs at a time.
 */
export default defineScenario({
  name: 'limits-frames',
  claims: 'every message is taken or refused as the AsyncAPI document says',
  async play({ world }) {
    const user = await world.user();
    const document = parse(readFileSync(DOCUMENT, 'utf8')) as object;
    const boundaries = new Boundaries(document);
    const variants = Object.entries(MESSAGES).flatMap(([name, message]) =>
      boundaries
        .variants(`/components/schemas/${name}`, message)
        .map((variant) => ({ ...variant, where: `${name}${variant.where}` })),
    );
    const batches = Array.from({ length: Math.ceil(variants.length / MESSAGES_MAX) }, (_, index) =>
      variants.slice(index * MESSAGES_MAX, (index + 1) * MESSAGES_MAX),
    );
    const problems = await pMap(batches, (batch, index) => problemsOf(user, batch, index % 2), {
      concurrency: SOCKETS,
    });
    if (problems.flat().length > 0) throw new Error(problems.flat().join('\n'));
  },
});

const MESSAGES = {
  Subscribe: {
    ...{ type: 'subscribe', requestId: 'r', jobId: uuid(), level: 'detail', afterSequence: 0 },
  },
  Unsubscribe: { type: 'unsubscribe', requestId: 'r', jobId: uuid() },
  Resume: { type: 'resume', requestId: 'r', positions: { [uuid()]: 0 }, level: 'outcome' },
  Ping: { type: 'ping', requestId: 'r' },
};

/** Sends each message on one socket and reads its answer. */
async function problemsOf(user: User, batch: readonly Variant[], node: number): Promise<string[]> {
  const socket = await user.socket({ node });
  const problems: string[] = [];
  for (const { where, what, value, isValid } of batch) {
    const seen = socket.frames.length;
    socket.sendRaw(JSON.stringify(value));
    const isAnswer = (frame: Frame) => socket.frames.indexOf(frame) >= seen;
    const answer = await socket.waitFor(`an answer to ${where}: ${what}`, isAnswer);
    const isRefused = answer.type === 'error' && answer.code === 'invalid-request';
    if (isRefused !== isValid) continue;
    problems.push(`${where}: ${what} was answered ${JSON.stringify(answer)}`);
  }
  await socket.close();
  return problems;
}
