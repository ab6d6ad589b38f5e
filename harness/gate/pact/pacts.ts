import { createHash } from 'node:crypto';
import { z } from 'zod';
import { GateError } from '../error.ts';
import type { Tree } from '../sources/tree.ts';

const Pact = z.looseObject({
  consumer: z.object({ name: z.string() }),
  provider: z.object({ name: z.string() }),
  interactions: z.array(z.looseObject({})).optional(),
  messages: z.array(z.looseObject({})).optional(),
});

/** A consumer's contract with a provider, as Pact writes it. */
export interface PactFile {
  readonly file: string;
  readonly consumer: string;
  readonly provider: string;
  /** Digest of its interactions; comments, order and tool versions do not count. */
  readonly digest: string;
  /** Digest of each interaction. */
  readonly interactions: readonly string[];
}

const Verification = z.strictObject({
  consumer: z.string(),
  provider: z.string(),
  /** Digest of the pact that was verified. */
  pact: z.string(),
  /** Digest of each of its interactions; older lines have none. */
  interactions: z.array(z.string()).default([]),
  providerVersion: z.string(),
  success: z.boolean(),
  /** The run that showed it. */
  run: z.string().optional(),
});
export type Verification = z.infer<typeof Verification>;

export const VERIFICATIONS_FILE = 'verifications.jsonl';

/** Every pact of a version. Throws a {@link GateError} for an invalid file. */
export function pactsOf(tree: Tree, folder: string): PactFile[] {
  return tree.list(folder, '.json').map((file) => {
    let value: unknown;
    try {
      value = JSON.parse(tree.read(file) ?? '');
    } catch (error) {
      throw new GateError(`${file} is not JSON: ${(error as Error).message}`, {
        file,
        fix: 'run the contract tests again, which write the pact',
      });
    }
    const parsed = Pact.safeParse(value);
    if (!parsed.success)
      throw new GateError(`${file} is not a pact: ${z.prettifyError(parsed.error)}`, { file });
    const { consumer, provider } = parsed.data;
    const interactions = [...(parsed.data.interactions ?? []), ...(parsed.data.messages ?? [])]
      .map((one) => digestOf(asked(one)))
      .sort();
    const digest = digestOf([consumer.name, provider.name, interactions]);
    return { file, consumer: consumer.name, provider: provider.name, digest, interactions };
  });
}

const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/** Properties that Pact adds to an interaction. */
const REMARKS = ['comments', 'key', 'pending'];

/** What an interaction asks for, its properties in one order. */
function asked(interaction: unknown): unknown {
  const entries = Object.entries(interaction as object);
  return inOrder(Object.fromEntries(entries.filter(([name]) => !REMARKS.includes(name))));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [name, inOrder(one)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Recorded verifications, the newest last. */
export function verificationsOf(tree: Tree, folder: string): Verification[] {
  const file = `${folder}/${VERIFICATIONS_FILE}`;
  const lines = (tree.read(file) ?? '').split('\n');
  return lines.flatMap((text, index) => {
    if (text.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new GateError(`${file}:${index + 1} is not JSON`, {
        file: `${file}:${index + 1}`,
        fix: 'remove the line',
      });
    }
    const parsed = Verification.safeParse(value);
    if (parsed.success) return [parsed.data];
    throw new GateError(
      `${file}:${index + 1} is not a verification: ${z.prettifyError(parsed.error)}`,
      { file: `${file}:${index + 1}` },
    );
  });
}
