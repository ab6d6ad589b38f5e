import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { closes } from './closes.testkit.ts';
import { frames } from './frames.testkit.ts';
import { handshakes } from './handshakes.testkit.ts';
import { messages } from './messages.testkit.ts';

/**
 * What the web client needs of the WebSocket service. The client is the scenarios' own: it hands
 * every field of every frame on to the history, where the invariants judge them, so it needs all.
 */
const contract = contractBetween({ consumer: 'web-client', provider: 'websocket' });

handshakes(contract);
messages(contract);
frames(contract);
closes(contract);

published(contract);
