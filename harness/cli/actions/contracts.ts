import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { at as stackAt } from '../../contracts/provider/at.ts';
import type { InteractionResult } from '../../contracts/provider/interaction-result.ts';
import { PROVIDERS, type ProviderDefinition } from '../../contracts/provider/providers.ts';
import { renderJunit, renderResults, verdictOf } from '../../contracts/provider/results.ts';
import {
  type VerifyOptions as VerifyProvider,
  verifyProvider,
} from '../../contracts/provider/verify.ts';
import { addObserved } from '../../coverage/contracted.ts';
import { Ledger } from '../../coverage/item.ts';
import { wireFolder, writeWireLog } from '../../coverage/wire-log.ts';
import { recordVerification } from '../../gate/pact/record.ts';
import { folderTree } from '../../gate/sources/tree.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { packageAsset } from '../../kernel/package-assets.ts';
import { unknownKeyMessage } from '../../kernel/suggestion.ts';
import { workspaceFolder } from '../../kernel/workspace.ts';
import { PACTS_FOLDER } from '../../pacts/interaction.ts';
import { type LoadedPact, PactError, readPacts } from '../../pacts/pact-file.ts';
import { withStackWatch } from '../../runner/stack-lost.ts';
import { note, paints, result, resultJson } from '../../terminal/output.ts';
import { select } from '../../testbed/links.ts';
import { type LoadedManifest, ManifestError } from '../../testbed/services/manifest.ts';
import { loadSubjects } from '../../testbed/services/subjects.ts';
import type { Stack } from '../../testbed/stack.ts';
import { bootWithProgress } from '../boot.ts';
import { interruption } from '../interruption.ts';

interface VerifyOptions {
  readonly consumer?: string;
  readonly pacts?: string;
  readonly subject: readonly string[];
  readonly at?: string;
  readonly config?: string;
  readonly junit?: string;
  readonly record?: string;
  readonly json?: boolean;
}

const EXIT_OF = { valid: 0, invalid: 1, unknown: 2 } as const;

/** `sagaproof contracts verify`: verifies consumers' contracts against running providers. */
export async function verify(names: readonly string[], options: VerifyOptions): Promise<void> {
  const pacts = pactsOf(options);
  const providers = providersOf(names, pacts);
  if (options.at !== undefined && providers.length !== 1) {
    throw new SagaproofError('usage', '--at takes the address of one provider', {
      fix: 'name that provider',
    });
  }
  using interrupted = interruption();
  const results: InteractionResult[] = [];
  const groups = groupsOf(providers);
  const subjects = loadSubjects(options.subject);
  requireUse(subjects, groups);
  for (const group of groups) {
    await using stack = await stackFor(group, { ...options, subjects }, interrupted.signal);
    for (const provider of group) {
      note(`verifying ${provider.name}`);
      const onResult = (one: InteractionResult) => {
        if (one.outcome !== 'passed') note(`  ${one.outcome}: ${one.description}`);
      };
      const seen = new Ledger();
      const onObserved: VerifyProvider['onObserved'] = (pact, interaction, observed) =>
        addObserved(pact, interaction, observed, seen);
      const answers = await withStackWatch(stack, interrupted.signal, (signal) =>
        verifyProvider({ provider, stack, pacts, signal, onResult, onObserved }),
      );
      results.push(...answers);
      // The wire log covers all consumers, so a run with one consumer does not write it.
      if (options.consumer === undefined) writeWireLog(wireFolder(), provider.name, seen);
    }
  }
  const verdict = verdictOf(results);
  if (options.junit !== undefined) writeFileSync(options.junit, renderJunit(results));
  if (options.record !== undefined) recordResults(results, options.record);
  if (options.json) resultJson({ verdict, interactions: results });
  else result(renderResults(results, paints));
  process.exitCode = EXIT_OF[verdict];
}

function pactsOf({ pacts: folder, consumer }: VerifyOptions): LoadedPact[] {
  const all = readPacts(resolve(folder ?? packageAsset(PACTS_FOLDER)));
  if (consumer === undefined) return all;
  const own = all.filter((pact) => pact.consumer === consumer);
  if (own.length === 0) {
    const consumers = [...new Set(all.map((pact) => pact.consumer))];
    throw new SagaproofError(
      'unknown-name',
      unknownKeyMessage(consumer, consumers, 'the consumers of these contracts'),
    );
  }
  return own;
}

/** The named providers, or all; each needs a contract. */
function providersOf(
  names: readonly string[],
  pacts: readonly LoadedPact[],
): readonly ProviderDefinition[] {
  const contracted = PROVIDERS.filter(({ name }) => pacts.some((pact) => pact.provider === name));
  const unknown = pacts.find((pact) => !PROVIDERS.some(({ name }) => name === pact.provider));
  if (unknown !== undefined && names.length === 0) {
    throw new PactError(
      `${unknown.file}: unknown provider ${unknown.provider}; known providers: ${namesOf(PROVIDERS)}`,
    );
  }
  if (names.length === 0) return contracted;
  return names.map((name) => {
    const found = contracted.find((provider) => provider.name === name);
    if (found !== undefined) return found;
    const known = contracted.map((provider) => provider.name);
    throw new SagaproofError(
      'unknown-name',
      unknownKeyMessage(name, known, 'the providers that have contracts'),
    );
  });
}

const namesOf = (providers: readonly ProviderDefinition[]): string =>
  providers.map(({ name }) => name).join(', ');

/** Providers that can run together share a stack; every other one gets its own. */
function groupsOf(providers: readonly ProviderDefinition[]): ProviderDefinition[][] {
  const together = providers.filter(({ apart }) => !apart);
  const apart = providers.filter((provider) => provider.apart).map((provider) => [provider]);
  return [...(together.length === 0 ? [] : [together]), ...apart];
}

const partsOf = (group: readonly ProviderDefinition[]) => [
  ...new Set(group.flatMap(({ runs }) => runs)),
];
/** Rejects a subject that no selected provider uses. */
function requireUse(
  subjects: readonly LoadedManifest[],
  groups: ReadonlyArray<readonly ProviderDefinition[]>,
): void {
  const used = groups.flatMap((group) => [...select(partsOf(group)).services]);
  const idle = subjects.find(({ manifest }) => !used.includes(manifest.service));
  if (idle === undefined) return;
  const names = groups.flat().map(({ name }) => name);
  throw new ManifestError(
    `${idle.file}: ${idle.manifest.service} is not used to verify ${names.join(', ')}`,
  );
}

async function stackFor(
  group: readonly ProviderDefinition[],
  options: Pick<VerifyOptions, 'at' | 'config'> & { readonly subjects: readonly LoadedManifest[] },
  signal: AbortSignal,
): Promise<Stack> {
  const [first] = group;
  if (options.at !== undefined && first !== undefined) return stackAt(options.at, first);
  const only = partsOf(group);
  const { services } = select(only);
  return bootWithProgress({
    only,
    // The other subjects run in the stack of another provider.
    subjects: options.subjects.filter(({ manifest }) => services.has(manifest.service)),
    signal,
    ...(options.config ? { config: options.config } : {}),
  });
}

/** Records one result per pact for the gate. */
function recordResults(results: readonly InteractionResult[], providerVersion: string): void {
  const tree = folderTree(workspaceFolder(), 'the working tree');
  const edges = Map.groupBy(results, ({ consumer, provider }) => `${consumer} ${provider}`);
  for (const edge of edges.values()) {
    const [one] = edge;
    if (one === undefined) continue;
    const success = edge.every(({ outcome }) => outcome === 'passed');
    const { consumer, provider } = one;
    recordVerification(tree, PACTS_FOLDER, { consumer, provider, providerVersion, success });
  }
}
