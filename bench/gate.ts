import { performance } from 'node:perf_hooks';
import { provisionOpenapiDiffer } from '#harness/provision/openapi-differ.ts';
import { newTable } from '#harness/terminal/table.ts';
import { BARE_TOOLS, OASDIFF_VARIABLE } from './gate/bare-tools.ts';
import { readCorpus } from './gate/corpus.ts';
import {
  byFormat,
  type Confusion,
  confusionOf,
  isRight,
  type Measured,
  measure,
} from './gate/measure.ts';

/**
 * Accuracy of the gate: verifies the label of every change in bench/gate/corpus by running it, then
 * runs the gate and the bare tools on it. `OASDIFF=<path>` names another oasdiff binary.
 */
const FALSE_ALARMS_MAX = 0.03;

// Where it cannot be built, the table reports it as not installed.
if (process.env[OASDIFF_VARIABLE] === undefined) {
  try {
    process.env[OASDIFF_VARIABLE] = await provisionOpenapiDiffer();
  } catch (error) {
    console.error((error as Error).message);
  }
}
const startedMs = performance.now();
const measured = await measure(readCorpus(), { bare: true });
const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);

const table = newTable(['format', 'tool', 'caught', 'missed', 'passed', 'false alarms']);
for (const [format, changes] of byFormat(measured)) {
  addRow(format, 'gate', confusionOf(changes));
  for (const { name } of BARE_TOOLS.filter((tool) => tool.format === format)) {
    addRow(format, name, confusionOf(changes, name));
  }
}
for (const round of ['first', 'second'] as const) {
  const changes = measured.filter(({ change }) => change.round === round);
  addRow(`all of the ${round} round`, 'gate', confusionOf(changes));
}
addRow('all', 'gate', confusionOf(measured));
console.log(table.toString());

for (const { name } of BARE_TOOLS) {
  const wrong = measured.filter(({ bare, verified }) => (bare.get(name) ?? verified) !== verified);
  if (wrong.length > 0) console.log(`\nwrong verdicts of ${name} (${wrong.length})`);
  for (const one of wrong) console.log(`- says ${one.bare.get(name)}: ${describe(one)}`);
}

const mislabelled = measured.filter(({ change, verified }) => change.label !== verified);
for (const one of mislabelled) console.log(`LABEL NOT VERIFIED: ${describe(one)}`);
const gateWrong = measured.filter((one) => !isRight(one));
for (const one of gateWrong) console.log(`GATE WRONG (${one.gate}): ${describe(one)}`);

const all = confusionOf(measured);
if (all === undefined) throw new Error('the corpus is empty');
const recall = all.caught / (all.caught + all.missed);
const falseAlarms = all.falseAlarms / (all.falseAlarms + all.passed);
console.log(
  `\n${measured.length} changes in ${seconds} s: recall ${percent(recall)}, false alarms ${percent(falseAlarms)}`,
);
const good = recall === 1 && falseAlarms <= FALSE_ALARMS_MAX && mislabelled.length === 0;
process.exitCode = good ? 0 : 1;

function addRow(format: string, who: string, found: Confusion | undefined): void {
  const numbers = found && [found.caught, found.missed, found.passed, found.falseAlarms];
  table.push([format, who, ...(numbers ?? ['not installed', '', '', ''])]);
}

function describe({ change, counterexample }: Measured): string {
  const reason = counterexample ?? 'nothing fails';
  return `${change.name} (${reason.length > 120 ? `${reason.slice(0, 120)}…` : reason})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
