import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { commands } from './commands.testkit.ts';
import { queries } from './queries.testkit.ts';

/**
 * What the web client needs of the gateway. The client is the scenarios' own: it hands all of every
 * answer on to the history, where the invariants judge it, so it needs all.
 */
const contract = contractBetween({ consumer: 'web-client', provider: 'api-gateway' });

commands(contract);
queries(contract);

published(contract);
