import { Skipped } from '../bridge.ts';
import { LiveSocket } from '../live-socket.ts';
import { exclusive, type StateContext, type StateHandler, type States } from '../state.ts';
import { LAST_SECONDS, opened } from './websocket-sockets.ts';

/** So many messages at once that the service closes any socket. */
const FAR_TOO_MANY = 150;

interface Coming {
  readonly claims?: Readonly<Record<string, unknown>>;
  /** The instance to connect to; the first by default. */
  readonly instance?: number;
}

/** Opens a socket as the user, and waits until that was published. */
async function come(context: StateContext, { claims, instance }: Coming = {}): Promise<LiveSocket> {
  const { crossed, defer, mint, names } = context;
  const token = await mint({ sub: names.of('userId'), ...claims });
  const socket = await opened(context, token, instance);
  if (!(socket instanceof LiveSocket)) throw new Error(`a socket was refused: ${socket.refused}`);
  defer(() => socket.close());
  const { value } = await crossed('CONNECTED');
  names.bind('socketId', String(value?.['socketId']));
  return socket;
}

/** Has a socket come, and go in some way. */
const gone =
  (go: (socket: LiveSocket) => void, coming?: Coming): StateHandler =>
  async (context) => {
    const socket = await come(context, coming);
    go(socket);
    await socket.closed();
  };

/** The last instance, so that the first serves the others meanwhile. */
const restarted = exclusive(async (context) => {
  const { instances = [] } = context.stack.addressBook.services['websocket'] ?? {};
  const last = instances.at(-1);
  if (last?.pid === undefined) {
    throw new Skipped('an instance that the harness did not start cannot be restarted');
  }
  await come(context, { instance: instances.length - 1 });
  await context.stack.control.restartInstance(last.id);
});

/** Sets up the provider states of the WebSocket service for readers of `websocket.connections`. */
export const websocketConnectionStates: States = {
  'the user has a socket': async (context) => void (await come(context)),
  'the user has two sockets': async (context) => {
    await come(context);
    await come(context);
  },
  'the user has closed the socket': gone((socket) => void socket.close()),
  'the network of the user’s socket was lost': gone((socket) => socket.cut()),
  'the user has said something binary': gone((socket) => socket.say({ binary: 'AA==' })),
  'the user has said far too much at once': gone((socket) =>
    socket.say({ json: { type: 'ping' }, times: FAR_TOO_MANY }),
  ),
  'the token of the user’s socket has run out': gone(() => undefined, {
    claims: { expiresInSeconds: LAST_SECONDS },
  }),
  'the node of the user’s socket was restarted': restarted,
};
