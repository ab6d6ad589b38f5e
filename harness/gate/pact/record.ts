import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GateError, namesOf } from '../error.ts';
import type { Tree } from '../sources/tree.ts';
import { pactsOf, VERIFICATIONS_FILE, type Verification } from './pacts.ts';

/** Records the result of a verification of the current pact of two services. */
export function recordVerification(
  tree: Tree,
  folder: string,
  result: Omit<Verification, 'pact' | 'interactions'>,
): void {
  const pacts = pactsOf(tree, folder);
  const own = pacts.filter(
    ({ consumer, provider }) => consumer === result.consumer && provider === result.provider,
  );
  if (own.length === 0) {
    const known = pacts.map(({ consumer, provider }) => `${consumer} → ${provider}`);
    throw new GateError(
      `${folder} has no pact ${result.consumer} → ${result.provider}: ${namesOf(known)}. Let the consumer's contract tests write it`,
    );
  }
  mkdirSync(join(tree.root, folder), { recursive: true });
  const lines = own.map(({ digest, interactions }) =>
    JSON.stringify({ ...result, pact: digest, interactions }),
  );
  appendFileSync(join(tree.root, folder, VERIFICATIONS_FILE), `${lines.join('\n')}\n`);
}
