import { MatchersV3 } from '@pact-foundation/pact';
import type { Frame, RecordedSocket } from '#harness/clients/socket.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import type { SocketHandshake } from '#harness/pacts/socket-interaction.ts';
import type { User } from '#harness/scenario/user.ts';
import { WEB_ORIGIN } from '#harness/scenario/world.ts';

/** How a program asks for a socket. */
export const byHeader = (token: string = FICTION.accessToken): SocketHandshake => ({
  path: '/v1/updates',
  headers: { authorization: `Bearer ${token}` },
  protocols: ['sagaproof.v1'],
});

/** How a browser does, which can send no header of its own. */
export const bySubprotocol = (origin: string = WEB_ORIGIN): SocketHandshake => ({
  path: '/v1/updates',
  headers: { origin },
  protocols: ['sagaproof.v1', `bearer.${FICTION.accessToken}`],
});

/** A socket opens. */
export const OPEN = { status: 101, subprotocol: 'sagaproof.v1' } as const;

/** Has the client open a socket and do something with it. */
export const onSocket =
  <T>(use: (socket: RecordedSocket) => Promise<T>) =>
  async (user: User): Promise<T> =>
    use(await user.socket());

/** Waits for the frame with this request id, or for the first one without any. */
export const answerTo = (socket: RecordedSocket, requestId: string | undefined): Promise<Frame> =>
  socket.waitFor('the answer', (frame) => frame.requestId === requestId);

/** Any sentence: what it says is for people. */
export const sentence = (example: string) => MatchersV3.regex(/^[A-Z].+\.$/, example);
