import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunVerdict } from '#harness/checker/check.ts';
import { bootWithProgress } from '#harness/cli/boot.ts';
import { interruption } from '#harness/cli/interruption.ts';
import type { ServiceName } from '#harness/kernel/address-book.ts';
import { runsFolder } from '#harness/kernel/run-folder.ts';
import { judgeRun } from '#harness/runner/judge.ts';
import { findScenarios, pickScenarios, SCENARIO_FOLDERS } from '#harness/runner/scenario-files.ts';
import { Scenarios } from '#harness/runner/scenarios.ts';
import { recordRun } from '#harness/runner/verification.ts';
import { note, paints, result, resultJson } from '#harness/terminal/output.ts';
import { newTable } from '#harness/terminal/table.ts';
import type { Stack } from '#harness/testbed/stack.ts';
import { loadManifest } from '../harness/testbed/services/manifest.ts';
import { type Bug, readBugs } from './bug-catalogue.ts';
import { playCells } from './bug-cells.ts';
import { playLoad } from './bug-loads.ts';
import { copySources, editSources } from './edited-sources.ts';

/**
 * What scenarios and invariants catch: each bug of scenarios/bugs/ is written into a copy of its
 * service, which is restarted from the copy, and the scenarios that can trigger it are run. A stack
 * serves many bugs, so that each costs seconds. The same scenarios without a bug are the control,
 * at the beginning and at the end: a suite that is always red catches nothing.
 *
 * Arguments select bugs by name; `--json` prints one object; `--no-control` skips the controls, for
 * work on one bug.
 */
const FOLDER = join(runsFolder(), 'bugs');

interface Noticed {
  readonly name: string;
  readonly service: string;
  readonly class: string;
  readonly verdict: string;
  /** Scenarios that failed, and invariants that were broken. */
  readonly by: readonly string[];
}

/** A service that is started from its sources is slow on a busy machine. */
const READY_MS = 180_000;

/** Manifests of the copies. They run from their sources: what is edited is what starts next. */
function manifestsOfCopies(services: Iterable<ServiceName>): string[] {
  return [...services].map((service) => {
    const path = join(FOLDER, 'reference-services', service, 'sagaproof.service.yaml');
    const text = readFileSync(path, 'utf8')
      .replace('bundle: true\n', '')
      .replace('readiness:\n', `readiness:\n  timeoutMs: ${READY_MS}\n`);
    writeFileSync(path, text);
    return path;
  });
}

/** All services share the kit: one that a scenario restarts has a bug of the kit, too. */
const isOfAll = ({ edits }: Bug): boolean =>
  edits.some(({ file }) => file.startsWith('reference-services/kit/'));

/**
 * Bugs that can share a stack, in their order. A bug of all services may lose data for good (a read
 * model does not continue after a gap), so the bugs after it get a new stack.
 */
function byStack(bugs: readonly Bug[]): Bug[][] {
  const stacks: Bug[][] = [[]];
  for (const bug of bugs) {
    stacks.at(-1)?.push(bug);
    if (isOfAll(bug)) stacks.push([]);
  }
  return stacks;
}

/** Restarts every instance of services. */
async function restart(stack: Stack, services: Iterable<ServiceName>): Promise<void> {
  const ids = [...services].flatMap((service) =>
    (stack.addressBook.services[service]?.instances ?? []).map(({ id }) => id),
  );
  await Promise.all(ids.map((id) => stack.control.restartInstance(id)));
}

/** What noticed something, and the worst verdict. */
type Outcome = Pick<Noticed, 'verdict' | 'by'>;

async function play(
  stack: Stack,
  { plays, cells, loads }: Pick<Bug, 'plays' | 'cells' | 'loads'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  if (plays.length > 0) outcomes.push(await playScenarios(stack, plays, signal));
  if (cells.length > 0) outcomes.push(await playCells(stack, cells, signal));
  for (const model of loads) outcomes.push(await playLoad(stack, model, signal));
  const verdicts = outcomes.map(({ verdict }) => verdict);
  const worst = ['invalid', 'unknown'].find((verdict) => verdicts.includes(verdict));
  return { verdict: worst ?? 'valid', by: outcomes.flatMap(({ by }) => by) };
}

async function playScenarios(
  stack: Stack,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Outcome> {
  const files = pickScenarios(findScenarios(SCENARIO_FOLDERS), names);
  await using scenarios = new Scenarios(files);
  const recorded = await recordRun({ stack, scenarios, signal });
  const verdict = await judgeRun(recorded, { selection: true, again: 'pnpm bench bugs' });
  return { verdict: verdict.verdict, by: culprits(verdict) };
}

function culprits({ scenarios, invariants, reasons }: RunVerdict): string[] {
  return [
    ...scenarios
      .filter(({ outcome }) => outcome !== 'passed')
      .map(({ name }) => `scenario ${name}`),
    ...invariants.filter(({ verdict }) => verdict === 'invalid').map(({ name }) => name),
    ...reasons,
  ];
}

const args = process.argv.slice(2);
const wanted = args.filter((name) => !name.startsWith('--'));
const all = readBugs();
const unknown = wanted.find((name) => !all.some((bug) => bug.name === name));
if (unknown !== undefined) throw new Error(`scenarios/bugs has no ${unknown}`);
const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const services = new Set(chosen.map(({ service }) => service));
const played = {
  plays: [...new Set(chosen.flatMap(({ plays }) => plays))],
  cells: [...new Set(chosen.flatMap(({ cells }) => cells))],
  loads: [...new Set(chosen.flatMap(({ loads }) => loads))],
};

using interrupted = interruption();
const { signal } = interrupted;
copySources(FOLDER);
const noticed: Noticed[] = [];
const tell = (one: Noticed) => {
  note(`${one.name}: ${one.verdict}${one.by.length === 0 ? '' : ` (${one.by.join(', ')})`}`);
  noticed.push(one);
};
const withControl = !args.includes('--no-control');
const control = async (stack: Stack, name: string) => {
  if (!withControl) return;
  const about = { service: 'none', class: 'control' };
  tell({ name, ...about, ...(await play(stack, played, signal)) });
};
const subjects = manifestsOfCopies(services).map((path) => loadManifest(path));
const stacks = byStack(chosen);
for (const [number, bugs] of stacks.entries()) {
  // The last stack may be for the control alone.
  if (bugs.length === 0 && !withControl) continue;
  await using stack = await bootWithProgress({ subjects, fresh: true, wire: true, signal });
  if (number === 0) await control(stack, 'none (before)');
  let changed = new Set<ServiceName>();
  for (const { name, service, edits, ...bug } of bugs) {
    const undo = editSources(FOLDER, edits, `scenarios/bugs: ${name}`);
    const about = { name, service, class: bug.class };
    try {
      await restart(stack, changed.add(service));
      tell({ ...about, ...(await play(stack, bug, signal)) });
    } catch (error) {
      signal.throwIfAborted();
      // A service that does not start counts as noticed, and so does one that ends a run.
      tell({
        ...about,
        verdict: 'invalid',
        by: [`it does not run: ${String(error).slice(0, 80)}`],
      });
    }
    undo();
    changed = new Set([service]);
  }
  if (number < stacks.length - 1) continue;
  await restart(stack, changed);
  await control(stack, 'none (after)');
}
rmSync(FOLDER, { recursive: true, force: true });

const isRight = ({ service, verdict }: Noticed): boolean =>
  verdict === (service === 'none' ? 'valid' : 'invalid');
const good = noticed.every(isRight);
if (args.includes('--json')) resultJson({ good, noticed });
else {
  const table = newTable(['bug', 'service', 'class', 'verdict', 'noticed by']);
  for (const one of noticed) {
    const verdict = isRight(one) ? paints.green(one.verdict) : paints.red(one.verdict);
    table.push([one.name, one.service, one.class, verdict, one.by.slice(0, 3).join('\n')]);
  }
  const caught = noticed.filter((one) => one.service !== 'none' && isRight(one)).length;
  result(`${table.toString()}\n${caught} of ${chosen.length} bugs noticed`);
}
process.exitCode = good ? 0 : 1;
