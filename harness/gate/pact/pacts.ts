import { createHash } from 'node:crypto';
import { z } from 'zod';
import { GateError } from '../error.ts';
import type { Tree } from '../sources/tree.ts';

const Pact = z.looseObject({
  consumer: z.object({ name: z.string() }),
  provider: z.object({ name: z.string() }),
  interactions: z.array(z.unknown()).optional(),
  messages: z.array(z.unknown()).optional(),
});

/** A consumer's contract with a provider, as Pact writes it. */
export interface PactFile {
  readonly file: string;
  readonly consumer: string;
  readonly provider: string;
  /** Of what it asks for; comments and tool versions do not count. */
  readonly digest: string;
}

const Verification = z.strictObject({
  consumer: z.string(),
  provider: z.string(),
  /** Digest of the pact that was verified. */
  pact: z.string(),
  providerVersion: z.string(),
  success: z.boolean(),
  /** The run that showed it. */
  run: z.string().optional(),
});
export type Verification = z.infer<typeof Verification>;

export const VERIFICATIONS_FILE = 'verifications.jsonl';

/** Every pact of a version. Throws a {@link GateError} for a file that is none. */
export function pactsOf(tree: Tree, folder: string): PactFile[] {
  return tree.list(folder, '.json').map((file) => {
    let value: unknown;
    try {
      value = JSON.parse(tree.read(file) ?? '');
    } catch (error) {
      throw new GateError(
        `${file} is not JSON: ${(error as Error).message}; let Pact write it anew`,
      );
    }
    const parsed = Pact.safeParse(value);
    if (!parsed.success)
      throw new GateError(`${file} is no pact: ${z.prettifyError(parsed.error)}`);
    const { consumer, provider, interactions, messages } = parsed.data;
    const asked = JSON.stringify([consumer.name, provider.name, interactions, messages]);
    const digest = createHash('sha256').update(asked).digest('hex').slice(0, 16);
    return { file, consumer: consumer.name, provider: provider.name, digest };
  });
}

/** What is known of verifications, the newest last. */
export function verificationsOf(tree: Tree, folder: string): Verification[] {
  const file = `${folder}/${VERIFICATIONS_FILE}`;
  const lines = (tree.read(file) ?? '').split('\n');
  return lines.flatMap((text, index) => {
    if (text.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new GateError(`${file}:${index + 1} is not JSON; remove the line`);
    }
    const parsed = Verification.safeParse(value);
    if (parsed.success) return [parsed.data];
    throw new GateError(
      `${file}:${index + 1} is no verification: ${z.prettifyError(parsed.error)}`,
    );
  });
}
