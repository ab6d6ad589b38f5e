import { socketsTold } from './sockets-told.ts';
import { describeInvariant } from './testing/judge.ts';

/** So that the grace time has passed when the history ends. */
const LATER = { atMs: Date.UTC(2030, 0) };

describeInvariant(
  socketsTold,
  [
    {
      anomaly: 'a socket that nobody is told of',
      edit: (to) => to.without('a.CONNECTED').edit('closed.spans', LATER),
      says: /user-a opened 1 sockets, and 0 of them are told/,
      shows: ['a.socket.open'],
    },
    {
      anomaly: 'a socket that is told as another user’s',
      edit: (to) =>
        to.edit('a.CONNECTED', { value: { userId: 'user-r' } }).edit('closed.spans', LATER),
      says: /user-a opened 1 sockets, and 0 of them are told/,
      shows: ['a.socket.open'],
    },
  ],
  [
    {
      legal: 'a socket that is told of twice',
      edit: (to) => to.again('a.CONNECTED', { offset: '99' }),
    },
    {
      legal: 'a client that went while its socket opened',
      edit: (to) =>
        to.again('a.CONNECTED', { offset: '99', value: { socketId: 's-9', messageId: 'm-9' } }),
    },
  ],
);
