/** A connection to a wire proxy's control socket. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SagaproofError } from '../kernel/errors.ts';
import { within } from '../kernel/poll.ts';
import { onLine } from './wire-lines.ts';
import type { WireReply, WireRequestName, WireRequests } from './wire-messages.ts';
import type { WireHit } from './wire-rules.ts';

/** A proxy answers at once, unless it is paused or gone. */
const ANSWER_TIMEOUT_MS = 20_000;

/** The wire proxy refused, or is not there. */
export class WireError extends SagaproofError {
  override readonly name = 'WireError';

  constructor(message: string, details: { fix?: string; cause?: unknown } = {}) {
    super('stack-unavailable', message, details);
  }
}

export interface RuleEvents {
  onHit(hit: WireHit): void;
  /** The rule matched and could not act, or the proxy is gone. */
  onFailure(reason: string): void;
}

export interface WireChannel extends AsyncDisposable {
  readonly closed: boolean;
  ask<Name extends WireRequestName>(
    request: Name,
    asked: WireRequests[Name][0],
  ): Promise<WireRequests[Name][1]>;
  /** What happens to a rule, also what has happened since it was armed. */
  follow(rule: string, events: RuleEvents): void;
  unfollow(rule: string): void;
}

type Waiting = ReturnType<typeof Promise.withResolvers<unknown>>;

export async function openWireChannel(path: string): Promise<WireChannel> {
  const socket = connect({ path });
  try {
    await once(socket, 'connect');
  } catch (cause) {
    throw new WireError(`the wire proxy does not answer at ${path}`, { cause });
  }
  return channelOver(socket);
}

function channelOver(socket: Socket): WireChannel {
  const waiting = new Map<number, Waiting>();
  const followed = new Map<string, RuleEvents>();
  /** Of rules that are not followed yet. */
  const early = new Map<string, ((events: RuleEvents) => void)[]>();
  let asked = 0;
  const tell = (rule: string, what: (events: RuleEvents) => void): void => {
    const events = followed.get(rule);
    if (events) what(events);
    else early.set(rule, [...(early.get(rule) ?? []), what]);
  };
  const onReply = (reply: WireReply): void => {
    if ('hit' in reply) {
      tell(reply.hit.rule, (events) => events.onHit(reply.hit));
    } else if ('failed' in reply) {
      tell(reply.failed, (events) => events.onFailure(reply.reason));
    } else {
      const one = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ('error' in reply) one?.reject(new WireError(reply.error));
      else one?.resolve(reply.answer);
    }
  };
  onLine(socket, (line) => onReply(JSON.parse(line) as WireReply));
  socket.on('error', () => undefined);
  socket.once('close', () => {
    const reason = 'the wire proxy closed the connection';
    for (const one of waiting.values()) one.reject(new WireError(reason));
    for (const events of followed.values()) events.onFailure(reason);
    waiting.clear();
  });
  return {
    get closed() {
      return socket.destroyed;
    },
    async ask(request, what) {
      asked += 1;
      const id = asked;
      const one: Waiting = Promise.withResolvers();
      waiting.set(id, one);
      if (socket.destroyed) throw new WireError('the connection to the wire proxy is closed');
      socket.write(`${JSON.stringify({ id, request, with: what })}\n`);
      const label = `an answer of the wire proxy to "${request}"`;
      return (await within(label, ANSWER_TIMEOUT_MS, one.promise)) as never;
    },
    follow(rule, events) {
      followed.set(rule, events);
      for (const what of early.get(rule) ?? []) what(events);
      early.delete(rule);
    },
    unfollow(rule) {
      followed.delete(rule);
    },
    async [Symbol.asyncDispose]() {
      if (socket.destroyed) return;
      socket.end();
      await once(socket, 'close');
    },
  };
}
