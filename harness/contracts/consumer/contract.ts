import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { MatchersV3, Pact } from '@pact-foundation/pact';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../kernel/package-assets.ts';
import { PACTS_FOLDER, pactFile } from '../../pacts/interaction.ts';
import { UnreadFields, unreadFolder } from '../../pacts/unread.ts';
import { normalisePact } from './normalise.ts';

type Json = Readonly<Record<string, unknown>>;

/** What has to be so at the provider before the interaction. */
export type Given = string | { readonly state: string; readonly params: Json };

/** What a consumer made of an answer or a message. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What all interactions have. */
export interface Described<T> {
  /** A sentence; unique in its contract. */
  readonly description: string;
  readonly given: Given | readonly Given[];
  /** What the consumer has to have made of it. */
  readonly expect: (outcome: Outcome<T>) => void | Promise<void>;
}

/** A contract in the making; declares one test for each interaction, in a file of its own. */
export interface ContractInMaking {
  readonly consumer: string;
  readonly provider: string;
  readonly folder: string;
  readonly pact: Pact;
  /** What its tests found about fields that are not in the contract. */
  readonly unread: UnreadFields;
}

/**
 * The contract of a consumer with a provider. Its interactions are written to
 * `contracts/pacts/<consumer>-<provider>.json`; call {@link published} at the end of the file.
 */
export function contractBetween(names: {
  readonly consumer: string;
  readonly provider: string;
}): ContractInMaking {
  const folder = join(PACKAGE_ROOT, 'runs', 'pacts', `${names.consumer}-${names.provider}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pact = new Pact({ ...names, dir: folder, logLevel: 'error' });
  return { ...names, folder, pact, unread: new UnreadFields() };
}

/** The last test of a contract: what the others wrote is what the repository publishes. */
export function published(contract: ContractInMaking): void {
  const { consumer, provider, folder, unread } = contract;
  test('is published as it is here (renew with vitest -u)', async ({ task }) => {
    const others = task.file.tasks.filter(({ id }) => id !== task.id);
    const unproved = others.filter(({ result }) => result?.state !== 'pass');
    expect(
      unproved.map(({ name }) => name),
      'interactions that would be lost',
    ).toEqual([]);
    const file = pactFile(consumer, provider);
    const written = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Json;
    const text = `${JSON.stringify(normalisePact(written), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(PACKAGE_ROOT, PACTS_FOLDER, file));
    const proven = { consumer, provider, unread: unread.proven };
    await expect(`${JSON.stringify(proven, null, 2)}\n`).toMatchFileSnapshot(
      join(unreadFolder(), file),
    );
  });
}

export function statesOf(given: Given | readonly Given[]): ReadonlyArray<{
  readonly state: string;
  readonly params: Json | undefined;
}> {
  const list = Array.isArray(given) ? (given as readonly Given[]) : [given as Given];
  return list.map((one) =>
    typeof one === 'string' ? { state: one, params: undefined } : { ...one },
  );
}

/** The example that a template with matchers stands for. */
export const exampleOf = <T>(template: unknown): T => MatchersV3.reify(template as never) as T;

/** Runs the consumer, and keeps what it throws as one of the things that it can make of it. */
export async function outcomeOf<T>(consume: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: await consume() };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** Whether a consumer made the same of two answers. Errors are the same when their codes are. */
export function sameOutcome(one: Outcome<unknown>, other: Outcome<unknown>): boolean {
  if (one.kind === 'failed' && other.kind === 'failed') {
    return isDeepStrictEqual(identityOf(one.error), identityOf(other.error));
  }
  return isDeepStrictEqual(one, other);
}

function identityOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return 'code' in error && error.code !== undefined ? error.code : error.message;
}
