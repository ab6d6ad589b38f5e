import { expect } from 'vitest';
import { contractBetween, type Given, published } from '#harness/contracts/consumer/contract.ts';
import { AN_INSTANT_MS, anId, anInstant } from '#harness/contracts/consumer/examples.ts';
import { opaque } from '#harness/contracts/consumer/matchers.ts';
import { recordInteraction } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { presenceAfter } from '../../presence.testkit.ts';

const { messageId, socketId, userId } = FICTION;

const contract = contractBetween({ consumer: 'presence', provider: 'websocket' });

interface Case {
  readonly description: string;
  readonly given: Given | readonly Given[];
  /** How the socket went; left out, it came. */
  readonly closeCode?: number;
  /** What the user's sockets did before it. */
  readonly after?: readonly string[];
}

function connectionInteraction({ description, given, closeCode, after = [] }: Case): void {
  const kind = closeCode === undefined ? 'CONNECTED' : 'DISCONNECTED';
  recordInteraction(contract, {
    ...{ description, given, after },
    topic: 'websocket.connections',
    key: userId,
    headers: { eventType: kind, id: messageId },
    value: {
      ...{ socketId: closeCode === undefined ? anId() : socketId, userId, kind },
      ...{ nodeId: opaque('websocket-1'), occurredAt: anInstant() },
      ...(closeCode === undefined ? {} : { closeCode }),
    },
    unread: { messageId, closeCode: null },
    // Records come at least once.
    consume: async (record) => presenceAfter(record, record),
    expect: (outcome) =>
      expect(outcome).toMatchObject({
        kind: 'done',
        value: {
          online: { [userId]: closeCode === undefined ? [expect.any(String)] : [] },
          journal: [
            expect.stringMatching(
              `^${new Date(AN_INSTANT_MS).toISOString()} ${messageId}: .* of ${userId} at ` +
                `websocket-1 ${closeCode === undefined ? 'came' : `went with ${closeCode}`}$`,
            ),
          ],
        },
      }),
  });
}

connectionInteraction({
  description: 'a socket that came',
  given: 'the user has a socket',
});

connectionInteraction({
  description: 'a second socket of the same user',
  given: 'the user has two sockets',
  after: ['CONNECTED'],
});

const GONE = [
  ['a socket that its client closed', 'the user has closed the socket', 1000],
  ['a socket that a lost network took', 'the network of the user’s socket was lost', 1006],
  ['a socket that said what the service does not read', 'the user has said something binary', 1003],
  ['a socket whose client said too much', 'the user has said far too much at once', 1008],
  ['a socket whose token ran out', 'the token of the user’s socket has run out', 4001],
  ['a socket of a node that was restarted', 'the node of the user’s socket was restarted', 1012],
] as const;

for (const [description, given, closeCode] of GONE) {
  connectionInteraction({ description, given, closeCode, after: ['CONNECTED'] });
}

published(contract);
