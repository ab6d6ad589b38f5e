import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { bootWithProgress } from '#harness/cli/boot.ts';
import { interruption } from '#harness/cli/interruption.ts';
import type { InteractionResult } from '#harness/contracts/provider/interaction-result.ts';
import { PROVIDERS } from '#harness/contracts/provider/providers.ts';
import { verdictOf } from '#harness/contracts/provider/results.ts';
import { verifyProvider } from '#harness/contracts/provider/verify.ts';
import { SERVICES } from '#harness/kernel/address-book.ts';
import { PACKAGE_ROOT, packageAsset } from '#harness/kernel/package-assets.ts';
import { until } from '#harness/kernel/poll.ts';
import { runsFolder } from '#harness/kernel/run-folder.ts';
import { PACTS_FOLDER } from '#harness/pacts/interaction.ts';
import { readPacts } from '#harness/pacts/pact-file.ts';
import { note, paints, result, resultJson } from '#harness/terminal/output.ts';
import { newTable } from '#harness/terminal/table.ts';
import type { Stack } from '#harness/testbed/stack.ts';
import { loadManifest } from '../harness/testbed/services/manifest.ts';
import { copySources, Edits, editSources } from './edited-sources.ts';

/**
 * What contracts catch: every breakage of contracts/breakages.yaml is built into a copy of the
 * reference service, which is then verified like any implementation, by its manifest; one of the
 * outbox is set in Connect's connectors. The same provider without a breakage is the control: a
 * suite that is always red catches nothing.
 *
 * Arguments select breakages by name; `--json` prints one object. With `--first` a breakage counts
 * as noticed at the first failed check, and the other checks are skipped.
 */
const Breakages = z.object({
  breakages: z
    .array(
      z.strictObject({
        name: z.string(),
        breaks: z.string(),
        provider: z.enum([...SERVICES, 'outbox']),
        edits: Edits.default([]),
        /** Settings of every connector, instead of what they have. */
        connectors: z.record(z.string(), z.string()).default({}),
      }),
    )
    .min(1),
});
type Breakage = z.infer<typeof Breakages>['breakages'][number];

const args = process.argv.slice(2);
const isFirstEnough = args.includes('--first');

/** Timeout of a request to Connect. */
const CONNECT_MS = 15_000;
const FOLDER = join(runsFolder(), 'breakages');

interface Noticed {
  readonly name: string;
  readonly breaks: string;
  readonly provider: string;
  readonly verdict: string;
  readonly red: readonly string[];
  readonly of: number;
}

/** A copy of the sources with the breakage in it, if any; answers the manifest of its provider. */
function build({ name, provider, edits }: Breakage): readonly string[] {
  if (edits.length === 0) return [];
  const root = join(FOLDER, name);
  copySources(root);
  editSources(root, edits, `contracts/breakages.yaml: ${name}`);
  return [join(root, 'reference-services', provider, 'sagaproof.service.yaml')];
}

type Settings = Readonly<Record<string, string>>;

/** Reconfigures every connector, and waits until its task runs with the new configuration. */
async function setConnectors(stack: Stack, changed: Settings): Promise<void> {
  const url = `${stack.addressBook.connect.url}/connectors`;
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(CONNECT_MS);
    const response = await fetch(`${url}${path}`, { ...init, headers, signal });
    if (!response.ok) throw new Error(`Connect: HTTP ${response.status} ${await response.text()}`);
    return response.json();
  };
  for (const name of (await ask('')) as readonly string[]) {
    const config = { ...((await ask(`/${name}/config`)) as Settings), ...changed };
    await ask(`/${name}/config`, { method: 'PUT', body: JSON.stringify(config) });
    await until(`the task of ${name} to run as it is set up`, async () => {
      const [task] = (await ask(`/${name}/tasks`)) as ReadonlyArray<{ config: Settings }>;
      const { tasks } = (await ask(`/${name}/status`)) as {
        tasks: ReadonlyArray<{ state: string }>;
      };
      const isSet = Object.entries(changed).every(([key, text]) => task?.config[key] === text);
      return isSet && tasks[0]?.state === 'RUNNING';
    });
  }
}

async function verify(
  provider: string,
  signal: AbortSignal,
  { subjects = [], connectors = {} }: { subjects?: readonly string[]; connectors?: Settings } = {},
): Promise<Pick<Noticed, 'verdict' | 'red' | 'of'>> {
  const definition = PROVIDERS.find(({ name }) => name === provider);
  if (definition === undefined) throw new Error(`${provider} has no provider definition`);
  await using stack = await bootWithProgress({
    only: definition.runs,
    subjects: subjects.map((path) => loadManifest(path)),
    signal,
  });
  const isConnected = Object.keys(connectors).length > 0;
  if (isConnected) await setConnectors(stack, connectors);
  const isBroken = isConnected || subjects.length > 0;
  const results: InteractionResult[] = [];
  const enough = new AbortController();
  await verifyProvider({
    provider: definition,
    stack,
    pacts: readPacts(packageAsset(PACTS_FOLDER)),
    signal: AbortSignal.any([signal, enough.signal]),
    onResult: (one) => {
      results.push(one);
      if (isFirstEnough && isBroken && one.outcome === 'failed') enough.abort();
    },
  }).catch((error: unknown) => {
    if (!enough.signal.aborted) throw error;
  });
  const red = results.filter(({ outcome }) => outcome !== 'passed');
  const verdict = verdictOf(results);
  note(`  ${verdict}: ${red.length} of ${results.length} are red; ${red[0]?.mismatches[0] ?? ''}`);
  return {
    verdict,
    red: red.map(({ consumer, description }) => `${consumer}: ${description}`),
    of: results.length,
  };
}

const wanted = args.filter((name) => !name.startsWith('--'));
const file = join(PACKAGE_ROOT, 'contracts', 'breakages.yaml');
const { breakages: all } = Breakages.parse(parse(readFileSync(file, 'utf8')));
const unknown = wanted.find((name) => !all.some((breakage) => breakage.name === name));
if (unknown !== undefined) throw new Error(`contracts/breakages.yaml has no ${unknown}`);
const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

using interrupted = interruption();
const noticed: Noticed[] = [];
const providers = [...new Set(chosen.map(({ provider }) => provider))];
for (const provider of providers) {
  note(`control: ${provider} as it is`);
  const seen = await verify(provider, interrupted.signal);
  noticed.push({ name: 'none', breaks: 'nothing (control)', provider, ...seen });
  for (const breakage of chosen.filter((one) => one.provider === provider)) {
    note(`${breakage.name}: ${breakage.breaks}`);
    const subjects = build(breakage);
    const { name, breaks, connectors } = breakage;
    noticed.push({
      name,
      breaks,
      provider,
      ...(await verify(provider, interrupted.signal, { subjects, connectors })),
    });
  }
}
rmSync(FOLDER, { recursive: true, force: true });

const isRight = ({ name, verdict }: Noticed): boolean =>
  verdict === (name === 'none' ? 'valid' : 'invalid');
const good = noticed.every(isRight);
if (args.includes('--json')) resultJson({ good, noticed });
else {
  const table = newTable(['breakage', 'provider', 'verdict', 'red', 'first of them']);
  for (const one of noticed) {
    const verdict = isRight(one) ? paints.green(one.verdict) : paints.red(one.verdict);
    table.push([one.name, one.provider, verdict, `${one.red.length}/${one.of}`, one.red[0] ?? '']);
  }
  const caught = noticed.filter((one) => one.name !== 'none' && isRight(one)).length;
  result(`${table.toString()}\n${caught} of ${chosen.length} breakages noticed`);
}
process.exitCode = good ? 0 : 1;
