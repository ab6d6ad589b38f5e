import type { RecordedSocket } from '#harness/clients/socket.ts';
import type { ContractInMaking } from '#harness/contracts/consumer/contract.ts';
import { socketExchange } from '#harness/contracts/consumer/socket.ts';
import type { Said } from '#harness/pacts/socket-interaction.ts';
import { becomes } from '../../outcomes.testkit.ts';
import { answerTo, byHeader, OPEN, onSocket, sentence } from './handshake.testkit.ts';

/** More messages at once than anybody needs, and fewer than what gets a client cut off. */
const TOO_MANY_AT_ONCE = 70;
/** So many that the client is cut off. */
const FAR_TOO_MANY = 150;

/** What the provider does not put up with, and how it says goodbye. */
export function closes(contract: ContractInMaking): void {
  socketExchange(contract, {
    description: 'the last of too many messages at once',
    given: 'the user is signed in',
    handshake: byHeader(),
    says: [
      { json: { type: 'ping' }, times: TOO_MANY_AT_ONCE },
      { json: { type: 'ping', requestId: 'last' } },
    ],
    only: 'last',
    answer: {
      ...OPEN,
      frames: [
        {
          type: 'error',
          code: 'rate-limited',
          title: sentence('Too many requests; see Retry-After.'),
          requestId: 'last',
        },
      ],
    },
    consume: onSocket((socket) => {
      for (let said = 0; said < TOO_MANY_AT_ONCE; said++) socket.send({ type: 'ping' });
      socket.send({ type: 'ping', requestId: 'last' });
      return answerTo(socket, 'last');
    }),
    expect: becomes({ type: 'error', code: 'rate-limited' }),
  });

  const closing = (
    description: string,
    given: string,
    closeCode: number,
    said: readonly Said[],
    say: (socket: RecordedSocket) => void = () => undefined,
  ) =>
    socketExchange(contract, {
      description,
      given: ['the user is signed in', ...(given === '' ? [] : [given])],
      handshake: byHeader(),
      says: said,
      untilClosed: true,
      answer: { ...OPEN, closeCode },
      consume: onSocket(async (socket) => {
        say(socket);
        return { closeCode: await socket.closed() };
      }),
      expect: becomes({ closeCode }),
    });

  closing('a binary frame', '', 1003, [{ binary: 'AAEC' }], (socket) =>
    socket.sendRaw(Buffer.from('AAEC', 'base64')),
  );
  const tooLong = 65_537;
  closing('a frame that is too long', '', 1009, [{ textBytes: tooLong }], (socket) =>
    socket.sendRaw('x'.repeat(tooLong)),
  );
  closing(
    'a client that does not stop sending',
    '',
    1008,
    [{ json: { type: 'ping' }, times: FAR_TOO_MANY }],
    (socket) => {
      for (let said = 0; said < FAR_TOO_MANY; said++) socket.send({ type: 'ping' });
    },
  );
  closing('the end of the access token', 'the token is about to expire', 4001, []);
  closing('the end of the node', 'the node is about to be restarted', 1012, []);
}
