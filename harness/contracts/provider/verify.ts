import pMap from 'p-map';
import type { Observed } from '../../pacts/interaction.ts';
import type { LoadedPact, PactInteraction } from '../../pacts/pact-file.ts';
import type { Stack } from '../../testbed/stack.ts';
import type { VerificationContext } from './exchange.ts';
import type { InteractionResult } from './interaction-result.ts';
import type { ProviderDefinition } from './providers.ts';
import { Publisher } from './publisher.ts';
import { rpcClients } from './rpc-clients.ts';
import { RecordTap } from './tap.ts';
import { PactVerifier } from './verifier.ts';
import { verifyInteraction } from './verify-interaction.ts';

/** Interactions that are verified at once: most of their time they wait for a record to cross. */
const LANES = 4;

export interface VerifyOptions {
  readonly provider: ProviderDefinition;
  /** It runs {@link ProviderDefinition.runs}. */
  readonly stack: Stack;
  /** Pacts with this provider; others are left alone. */
  readonly pacts: readonly LoadedPact[];
  readonly signal: AbortSignal;
  readonly onResult?: (result: InteractionResult) => void;
  /** Called with what the provider really did in each interaction. */
  readonly onObserved?: (
    pact: LoadedPact,
    interaction: PactInteraction,
    observed: Observed,
  ) => void;
}

/**
 * Holds a running provider to every contract that consumers have with it. What needs an
 * exclusive state is verified after all others, one by one.
 */
export async function verifyProvider(options: VerifyOptions): Promise<InteractionResult[]> {
  const { provider, stack, signal, onResult, onObserved } = options;
  const book = stack.addressBook;
  const cases = options.pacts
    .filter((pact) => pact.provider === provider.name)
    .flatMap((pact) => pact.interactions.map((interaction) => ({ pact, interaction })));
  const broker = book.providers.kafka !== undefined;
  using rpc = rpcClients(book);
  await using stackOfParts = new AsyncDisposableStack();
  const tap = broker ? stackOfParts.use(await RecordTap.start(book)) : undefined;
  const publisher = broker
    ? stackOfParts.use(await Publisher.connect(book.kafka.bootstrap, book.registry.url))
    : undefined;
  const { name, service = name, states } = provider;
  const verifier = stackOfParts.use(new PactVerifier());
  const context: VerificationContext = { provider: service, stack, rpc, states, publisher, tap };
  const verify = async ({ pact, interaction }: (typeof cases)[number]) => {
    signal.throwIfAborted();
    const result = await verifyInteraction(context, verifier, pact, interaction, (observed) =>
      onObserved?.(pact, interaction, observed),
    );
    onResult?.(result);
    return result;
  };
  const alone = cases.filter(({ interaction }) =>
    interaction.providerStates.some(({ name }) => states[name]?.exclusive === true),
  );
  const together = cases.filter((one) => !alone.includes(one));
  const results = await pMap(together, verify, { concurrency: LANES });
  return [...results, ...(await pMap(alone, verify, { concurrency: 1 }))];
}
