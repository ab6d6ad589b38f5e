import { describeInvariant } from '../checker/testing/judge.ts';
import { presenceEventsComplete } from './presence-events-complete.ts';

/** So that the grace time has passed when the history ends. */
const LATER = { atMs: Date.UTC(2030, 0) };

describeInvariant(
  presenceEventsComplete,
  [
    {
      anomaly: 'a socket without a CONNECTED event',
      edit: (to) => to.without('a.CONNECTED').edit('closed.spans', LATER),
      says: /user-a opened 1 sockets; websocket.connections has a CONNECTED event for 0 of them/,
      shows: ['a.socket.open'],
    },
    {
      anomaly: 'a CONNECTED event with another user',
      edit: (to) =>
        to.edit('a.CONNECTED', { value: { userId: 'user-r' } }).edit('closed.spans', LATER),
      says: /user-a opened 1 sockets; websocket.connections has a CONNECTED event for 0 of them/,
      shows: ['a.socket.open'],
    },
    {
      anomaly: 'a socket whose end is never reported',
      edit: (to) => to.without('a.DISCONNECTED').edit('closed.spans', LATER),
      says: /1 sockets of user-a had ended, and 30 s later .* DISCONNECTED event for 0 of them/,
      shows: ['a.socket.closed'],
    },
    {
      anomaly: 'a socket whose end is reported too late',
      edit: (to) =>
        to.edit('a.DISCONNECTED', { timestampMs: LATER.atMs }).edit('closed.spans', LATER),
      says: /DISCONNECTED event for 0 of them/,
      shows: ['a.socket.closed'],
    },
  ],
  [
    {
      legal: 'a CONNECTED event that is published twice',
      edit: (to) => to.again('a.CONNECTED', { offset: '99' }),
    },
    {
      legal: 'a DISCONNECTED event that is published twice, and one that the next node reports',
      edit: (to) =>
        to
          .again('a.DISCONNECTED', { offset: '99' })
          .edit('a.DISCONNECTED', { value: { nodeId: 'websocket-2' } }),
    },
    {
      legal: 'a client that went while its socket opened',
      edit: (to) =>
        to.again('a.CONNECTED', { offset: '99', value: { socketId: 's-9', messageId: 'm-9' } }),
    },
  ],
);
