import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Bridge, MESSAGES_PATH, NotAsked, STATES_PATH, startBridge } from './bridge.ts';
import { createExchange, type Surroundings } from './exchange.ts';
import type { InteractionResult } from './interaction-result.ts';
import type { LoadedPact, PactInteraction } from './pact-file.ts';
import type { Expected } from './protocol.ts';
import type { PactVerifier } from './verifier.ts';

/** Longest that the verifier waits for one answer of ours: a record, and what leads to it. */
const TIMEOUT_MS = 90_000;

/** Has Pact's verifier hold the running provider to one interaction. */
export async function verifyInteraction(
  around: Surroundings,
  verifier: PactVerifier,
  pact: LoadedPact,
  interaction: PactInteraction,
): Promise<InteractionResult> {
  const startedMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-pact-'));
  const file = join(folder, 'pact.json');
  writeFileSync(file, JSON.stringify({ ...pact.document, interactions: [interaction] }));
  try {
    await using bridge = await startBridge(createExchange(around, expectedOf(interaction)));
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

function outcomeOf(
  { errors }: Bridge,
  mismatches: readonly string[],
): InteractionResult['outcome'] {
  if (errors.some((error) => error instanceof NotAsked)) return 'unknown';
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
  // What the bridge says is why; the verifier then only saw an HTTP 500.
  const told = [...new Set(bridge.errors.map(({ message }) => message))];
  return told.length > 0 ? told : mismatchesOf(output);
}

const Mismatch = z.looseObject({
  path: z.string().optional(),
  key: z.string().optional(),
  mismatch: z.string().optional(),
});

const Failure = z.union([
  z.looseObject({ mismatches: z.array(Mismatch).min(1) }),
  z.looseObject({ message: z.string() }),
]);

/** One sentence for each thing that is not as promised, with where it is. */
function sentencesOf(failure: unknown): string[] {
  const parsed = Failure.safeParse(failure);
  if (!parsed.success) return [JSON.stringify(failure)];
  if (!('mismatches' in parsed.data)) return [String(parsed.data.message)];
  return (parsed.data.mismatches as ReadonlyArray<z.infer<typeof Mismatch>>).map((one) => {
    const where = one.path ?? one.key;
    const what = one.mismatch ?? JSON.stringify(one);
    return where === undefined || where === '' ? what : `${where}: ${what}`;
  });
}

const Output = z.looseObject({
  result: z.boolean(),
  errors: z.array(z.looseObject({ mismatch: z.unknown() })).default([]),
});

/** Empty only when Pact says that it verified one interaction and found nothing. */
function mismatchesOf(output: string): string[] {
  const parsed = Output.safeParse(jsonOrUndefined(output));
  if (!parsed.success) return [output];
  const { result, errors } = parsed.data;
  if (result && errors.length === 0) return [];
  return errors.flatMap(({ mismatch }) => sentencesOf(mismatch));
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function expectedOf({ description, ...rest }: PactInteraction): Expected {
  const message = rest as unknown as {
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly contents?: { readonly content?: unknown };
  };
  return { description, metadata: message.metadata ?? {}, contents: message.contents?.content };
}
