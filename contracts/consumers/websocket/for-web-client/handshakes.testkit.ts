import { expect } from 'vitest';
import type { ContractInMaking } from '#harness/contracts/consumer/contract.ts';
import { socketExchange } from '#harness/contracts/consumer/socket.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import type { User } from '#harness/scenario/user.ts';
import { becomes } from '../../outcomes.testkit.ts';
import { byHeader, bySubprotocol, OPEN } from './handshake.testkit.ts';

const FOREIGN_ORIGIN = 'https://elsewhere.example';

/** The client opens the socket that its user wants, and tells what subprotocol it speaks. */
const opening =
  (via?: 'header' | 'subprotocol') =>
  async (user: User): Promise<string> => {
    const socket = await user.socket(via === undefined ? {} : { via });
    return socket.closeCode === undefined ? 'open' : 'closed';
  };

const trying = (token: string, origin?: string) => (user: User) =>
  user.trySocket({ token, ...(origin === undefined ? {} : { origin }) });

/** Handshakes that are accepted, and those that are refused before there is a socket. */
export function handshakes(contract: ContractInMaking): void {
  socketExchange(contract, {
    description: 'a handshake with the token in a header',
    given: 'the user is signed in',
    handshake: byHeader(),
    answer: OPEN,
    consume: opening(),
    expect: (outcome) => expect(outcome).toEqual({ kind: 'done', value: 'open' }),
  });

  socketExchange(contract, {
    description: 'a handshake of a browser, with the token among the subprotocols',
    given: 'the user is signed in',
    handshake: bySubprotocol(),
    answer: OPEN,
    consume: opening('subprotocol'),
    expect: (outcome) => expect(outcome).toEqual({ kind: 'done', value: 'open' }),
  });

  const refused = (
    description: string,
    given: string,
    status: number,
    consume: (user: User) => ReturnType<User['trySocket']> = trying(FICTION.accessToken),
    handshake = byHeader(),
  ): void =>
    socketExchange(contract, {
      description,
      given,
      handshake,
      answer: { status },
      consume,
      expect: becomes({ refused: status }),
    });

  const { headers: _, ...nameless } = byHeader();
  refused(
    'a handshake without a token',
    'the user is signed in',
    401,
    (user) => user.trySocket({}),
    { ...nameless, headers: {} },
  );
  refused('a handshake with a token that is not valid', 'the token is not valid', 401);
  refused('a handshake with a token that has expired', 'the token has expired', 401);
  refused('a handshake with a token of another client', 'the token is for another client', 401);
  refused(
    'a handshake of a page that is not allowed here',
    'the user is signed in',
    403,
    trying(FICTION.accessToken, FOREIGN_ORIGIN),
    {
      ...byHeader(),
      headers: { ...byHeader().headers, origin: FOREIGN_ORIGIN },
    },
  );
  refused(
    'a handshake of a user with too many sockets',
    'the user has as many sockets as anybody may',
    429,
  );
  refused('a handshake while tokens cannot be checked', 'auth does not answer', 503);
  refused('a handshake while sockets cannot be entered', 'Redis does not answer', 503);
}
