/**
 * Runs Pact's verifier, whose native part prints what it does on stdout, in a process of its own:
 * what we print stays ours, and a crash of it is one failed interaction.
 */
import { Verifier } from '@pact-foundation/pact';
import type { VerifierAnswer, VerifierOrder } from './verifier.ts';

process.on('message', (order: VerifierOrder) => {
  void verify(order);
});
process.on('disconnect', () => process.exit(0));

async function verify({ id, options }: VerifierOrder): Promise<void> {
  const answer = (output: string): void => {
    process.send?.({ id, output } satisfies VerifierAnswer);
  };
  try {
    answer(await new Verifier({ ...options, logLevel: 'error' }).verifyProvider());
  } catch (error) {
    answer((error as Error).message);
  }
}
