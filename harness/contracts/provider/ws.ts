import { SOCKET_SERVICE } from '../../kernel/system.ts';
import type { Message } from '../../pacts/interaction.ts';
import {
  answersDue,
  type FrameMetadata,
  frameName,
  framesBefore,
  type Said,
  type SocketAnswer,
  type SocketRequest,
} from '../../pacts/socket-interaction.ts';
import { Skipped } from './bridge.ts';
import { LiveSocket } from './live-socket.ts';
import type { Expected, Place, Protocol } from './protocol.ts';
import type { StateContext } from './state.ts';

type Json = Readonly<Record<string, unknown>>;

/** WebSocket handshakes and frames: the bridge opens real sockets. */
export const socketProtocol: Protocol = { answer, capture };

/** How a provider state wants the interaction's socket to be opened. */
export interface SocketPlan {
  /** The instance of the provider to connect to; the first by default. */
  readonly instance?: number;
  /** Runs when the socket is open and, where the contract is about a frame, subscribed. */
  readonly onceOpen?: () => Promise<void>;
}

const PLAN = 'plan of the socket';

export const planSocket = (context: StateContext, plan: SocketPlan): void =>
  void context.shared.set(PLAN, plan);

const planOf = ({ shared }: StateContext): SocketPlan =>
  (shared.get(PLAN) as SocketPlan | undefined) ?? {};

/** host:port of an instance of the provider. */
export function socketAddress({ stack }: StateContext, instance = 0): string {
  const found = stack.addressBook.services[SOCKET_SERVICE]?.instances[instance];
  const port = found?.ports['ws'];
  if (found === undefined || port === undefined) {
    throw new Skipped(`there is no instance ${instance + 1} of ${SOCKET_SERVICE} with a port ws`);
  }
  return `${found.host}:${port}`;
}

/** Only these are answers; the service pushes the rest at any time. */
const isAnswer = (frame: Json): boolean =>
  !['update', 'expired', 'reconnect'].includes(String(frame['type']));

async function answer(context: StateContext, _: Place, asked: Json): Promise<SocketAnswer> {
  const { handshake, says, only, untilClosed } = asked as unknown as SocketRequest;
  const plan = planOf(context);
  const opened = await LiveSocket.open(socketAddress(context, plan.instance), handshake);
  if (!(opened instanceof LiveSocket)) return { status: opened.refused };
  await using socket = opened;
  await plan.onceOpen?.();
  const open = { status: 101, subprotocol: socket.subprotocol };
  if (untilClosed) {
    for (const said of says) socket.say(said);
    return { ...open, closeCode: await socket.closed() };
  }
  if (only !== undefined) {
    for (const said of says) socket.say(said);
    const frame = await socket.until(`the answer to ${only}`, (frames) =>
      frames.find((one) => one['requestId'] === only),
    );
    return { ...open, frames: [frame] };
  }
  const frames = await converse(socket, says);
  return { ...open, ...(says.length === 0 ? {} : { frames }) };
}

/** Says one thing after another, each when the one before it was answered. */
async function converse(socket: LiveSocket, says: readonly Said[]): Promise<readonly Json[]> {
  let due = 0;
  let answers: readonly Json[] = [];
  for (const said of says) {
    socket.say(said);
    due += answersDue(said);
    answers = await socket.until(`answer ${due}`, (frames) => {
      const came = frames.filter(isAnswer);
      return came.length < due ? undefined : came;
    });
  }
  return answers;
}

const SUBSCRIPTION = 'subscription-of-the-contract';

/** The frame that a contract describes, as a subscriber gets it. */
async function capture(context: StateContext, _: Place, expected: Expected): Promise<Message> {
  const { names } = context;
  const wanted = expected.metadata as unknown as FrameMetadata;
  const plan = planOf(context);
  const opened = await LiveSocket.open(socketAddress(context, plan.instance), {
    path: '/v1/updates',
    headers: { authorization: `Bearer ${names.of('accessToken')}` },
    protocols: ['sagaproof.v1'],
  });
  if (!(opened instanceof LiveSocket)) {
    throw new Error(`the handshake was refused: HTTP ${opened.refused}`);
  }
  await using socket = opened;
  const ofJob = { jobId: names.of('jobId'), afterSequence: Number(wanted.afterSequence) };
  const of = wanted.subscription === 'job' ? ofJob : {};
  socket.say({ json: { type: 'subscribe', requestId: SUBSCRIPTION, level: wanted.level, ...of } });
  await socket.until('the acknowledgement of the subscription', (frames) =>
    frames.find((frame) => frame['requestId'] === SUBSCRIPTION),
  );
  await plan.onceOpen?.();
  const isOther = (frame: Json) => frame['requestId'] !== SUBSCRIPTION;
  const frames = await socket.until(`a frame ${wanted.frame}`, (seen) => {
    const others = seen.filter(isOther);
    const index = others.findIndex((frame) => frameName(frame) === wanted.frame);
    return index < 0 ? undefined : others.slice(0, index + 1);
  });
  const { subscription, level, afterSequence } = wanted;
  return {
    contents: frames.at(-1),
    metadata: {
      ...{ protocol: 'ws', contentType: 'application/json', subscription, level, afterSequence },
      frame: wanted.frame,
      after: framesBefore(frames.slice(0, -1).map(frameName)),
    },
  };
}
