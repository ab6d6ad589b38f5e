import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observed } from '../../pacts/interaction.ts';
import type { LoadedPact, PactInteraction } from '../../pacts/pact-file.ts';
import {
  type Bridge,
  type Exchange,
  MESSAGES_PATH,
  Skipped,
  STATES_PATH,
  startBridge,
} from './bridge.ts';
import { createExchange, type VerificationContext } from './exchange.ts';
import type { InteractionResult } from './interaction-result.ts';
import { mismatchesOf } from './pact-output.ts';
import type { Expected } from './protocol.ts';
import type { PactVerifier } from './verifier.ts';

/** Longest that the verifier waits for one answer of the bridge: a record, and what leads to it. */
const TIMEOUT_MS = 90_000;

/** Verifies the running provider against one interaction, with Pact's verifier. */
export async function verifyInteraction(
  context: VerificationContext,
  verifier: PactVerifier,
  pact: LoadedPact,
  interaction: PactInteraction,
  onObserved?: (observed: Observed) => void,
): Promise<InteractionResult> {
  const startedMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-pact-'));
  const file = join(folder, 'pact.json');
  writeFileSync(file, JSON.stringify({ ...pact.document, interactions: [interaction] }));
  try {
    const exchange = createExchange(context, expectedOf(interaction));
    await using bridge = await startBridge(
      onObserved === undefined ? exchange : observed(exchange, onObserved),
    );
    const mismatches = await run(verifier, pact.provider, file, bridge);
    return {
      consumer: pact.consumer,
      provider: pact.provider,
      description: interaction.description,
      outcome: outcomeOf(bridge, mismatches),
      durationMs: Math.round(performance.now() - startedMs),
      mismatches,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The exchange, with a report of each answer and message, whatever the verdict on it is. */
function observed(exchange: Exchange, onObserved: (observed: Observed) => void): Exchange {
  return {
    ...exchange,
    async answer(request) {
      const answer = await exchange.answer(request);
      onObserved({ answer });
      return answer;
    },
    async capture() {
      const message = await exchange.capture();
      onObserved(message);
      return message;
    },
  };
}

function outcomeOf(
  { errors }: Bridge,
  mismatches: readonly string[],
): InteractionResult['outcome'] {
  if (errors.some((error) => error instanceof Skipped)) return 'skipped';
  return mismatches.length === 0 ? 'passed' : 'failed';
}

async function run(
  verifier: PactVerifier,
  provider: string,
  file: string,
  bridge: Bridge,
): Promise<readonly string[]> {
  const base = `http://127.0.0.1:${bridge.port}`;
  const transport = { port: bridge.port, path: MESSAGES_PATH };
  const output = await verifier.verify({
    provider,
    pactUrls: [file],
    providerBaseUrl: base,
    providerStatesSetupUrl: `${base}${STATES_PATH}`,
    transports: [
      { protocol: 'sync-message', ...transport },
      { protocol: 'message', ...transport },
    ],
    timeout: TIMEOUT_MS,
  });
  // The bridge's errors are the cause; the verifier only saw an HTTP 500.
  const causes = [...new Set(bridge.errors.map(({ message }) => message))];
  return causes.length > 0 ? causes : mismatchesOf(output);
}

function expectedOf({ description, ...rest }: PactInteraction): Expected {
  const message = rest as unknown as {
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly contents?: { readonly content?: unknown };
  };
  return { description, metadata: message.metadata ?? {}, contents: message.contents?.content };
}
