import { v7 as uuidv7 } from 'uuid';
import { Skipped } from '../bridge.ts';
import { LiveSocket } from '../live-socket.ts';
import { exclusive, type StateContext, type StateHandler, type States } from '../state.ts';
import { planSocket, socketAddress } from '../ws.ts';
import { publishUpdates, STORY, UPDATES } from './sample-updates.ts';

type Claims = Readonly<Record<string, unknown>>;

/** More sockets than any service grants one user. */
const SOCKETS_MAX = 64;
/** Short, and still long enough for a handshake on a loaded machine. */
export const LAST_SECONDS = 3;

const signedIn =
  (claims: Claims = {}): StateHandler =>
  async ({ mint, names }) => {
    names.bind('accessToken', await mint({ sub: names.of('userId'), ...claims }));
  };

/** Opens a socket with this token. */
export const opened = (context: StateContext, token: string, instance = 0) =>
  LiveSocket.open(socketAddress(context, instance), {
    path: '/v1/updates',
    headers: { authorization: `Bearer ${token}` },
    protocols: ['sagaproof.v1'],
  });

async function crowded(context: StateContext): Promise<void> {
  const { defer, names } = context;
  await signedIn()(context, {});
  for (let count = 0; count < SOCKETS_MAX; count++) {
    const socket = await opened(context, names.of('accessToken'));
    if (!(socket instanceof LiveSocket)) {
      if (socket.refused === 429) return;
      throw new Error(`a socket was refused: HTTP ${socket.refused}`);
    }
    defer(() => socket.close());
  }
  throw new Error(`a user may have ${SOCKETS_MAX} sockets, and more`);
}

/** Takes a link away; when the interaction is over, sockets have to be open to all again. */
async function without(context: StateContext, dependency: string): Promise<void> {
  context.defer(() =>
    context
      .until(`handshakes to work with ${dependency} again`, async () => {
        const token = await context.mint({ sub: uuidv7() });
        const socket = await opened(context, token);
        if (!(socket instanceof LiveSocket)) return false;
        await socket.close();
        return true;
      })
      .then(() => undefined),
  );
  await context.cut(`websocket→${dependency}`);
}

/** Waits until the provider shows an update of the job to its owner. */
async function jobIsKnown(context: StateContext, owner: string, jobId: string): Promise<void> {
  const token = await context.mint({ sub: owner });
  const socket = await opened(context, token);
  if (!(socket instanceof LiveSocket)) throw new Error(`a socket was refused: ${socket.refused}`);
  await using its = socket;
  its.say({ json: { type: 'subscribe', requestId: uuidv7(), jobId, level: 'detail' } });
  await its.until(`an update of job ${jobId}`, (frames) =>
    frames.find((frame) => frame['jobId'] === jobId && frame['type'] === 'update'),
  );
}

/** The last instance is restarted, so that the first serves the others meanwhile. */
const restarting = exclusive(async (context) => {
  const { instances = [] } = context.stack.addressBook.services['websocket'] ?? {};
  const last = instances.at(-1);
  if (last?.pid === undefined) {
    throw new Skipped('an instance that the harness did not start cannot be restarted');
  }
  planSocket(context, {
    instance: instances.length - 1,
    onceOpen: async () => {
      const restarted = context.stack.control.restartInstance(last.id);
      context.defer(async () => void (await restarted));
    },
  });
});

/** Sets up the provider states of the WebSocket service. */
export const websocketStates: States = {
  'the user is signed in': signedIn(),
  'the token is not valid': async () => undefined,
  'the token has expired': signedIn({ expiresInSeconds: -3_600 }),
  'the token is for another client': signedIn({ audience: 'another-client' }),
  'the token is about to expire': signedIn({ expiresInSeconds: LAST_SECONDS }),
  'the user has as many sockets as anybody may': crowded,
  'auth does not answer': exclusive(async (context) => {
    await signedIn()(context, {});
    await without(context, 'auth');
  }),
  'Redis does not answer': exclusive(async (context) => {
    await signedIn()(context, {});
    await without(context, 'redis');
  }),
  'Redis goes away while the socket is open': exclusive(async (context) => {
    planSocket(context, { onceOpen: () => without(context, 'redis') });
  }),
  'the node is about to be restarted': restarting,
  'nothing was said about the job': async () => undefined,
  'the job runs': (context) => publishUpdates(context, [UPDATES.started]),
  'another job of the user runs': async (context) => {
    const { names } = context;
    const of = { jobId: names.of('otherJobId'), orderId: names.of('otherOrderId') };
    await publishUpdates(context, [UPDATES.started], of);
  },
  'the job is another user’s': async (context) => {
    const userId = context.names.of('strangerId');
    await publishUpdates(context, [UPDATES.started], { userId });
    await jobIsKnown(context, userId, context.names.of('jobId'));
  },
  'the job failed and was compensated': (context) => publishUpdates(context, STORY),
  'the first four updates of the job are lost': (context) =>
    publishUpdates(context, STORY.slice(4)),
  'the job succeeds while a client watches': async (context) => {
    planSocket(context, {
      onceOpen: () => publishUpdates(context, [UPDATES.started, UPDATES.succeeded]),
    });
  },
  'the job has an update of an unknown kind': (context) =>
    publishUpdates(context, [UPDATES.unknown]),
  'the job was forgotten before it started': (context) =>
    publishUpdates(context, [UPDATES.expired]),
};
