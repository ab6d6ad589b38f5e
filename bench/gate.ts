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
 * How right the gate is: every change of bench/gate/corpus is really tried (its label is not
 * believed), then the gate and the bare tools are asked. `OASDIFF=<path>` names another differ.
 */
const FALSE_ALARMS_MAX = 0.03;

// It is left out only where it cannot be built, and then the table says so.
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

const table = newTable(['format', 'who', 'caught', 'missed', 'passed', 'false alarms']);
for (const [format, changes] of byFormat(measured)) {
  addRow(format, 'gate', confusionOf(changes));
  for (const { name } of BARE_TOOLS.filter((tool) => tool.format === format)) {
    addRow(format, name, confusionOf(changes, name));
  }
}
addRow('all', 'gate', confusionOf(measured));
console.log(table.toString());

for (const { name } of BARE_TOOLS) {
  const wrong = measured.filter(({ bare, proved }) => (bare.get(name) ?? proved) !== proved);
  if (wrong.length > 0) console.log(`\nWhere it is wrong: ${name} (${wrong.length})`);
  for (const one of wrong) console.log(`- says ${one.bare.get(name)}: ${describe(one)}`);
}

const mislabelled = measured.filter(({ change, proved }) => change.label !== proved);
for (const one of mislabelled) console.log(`LABEL NOT PROVED: ${describe(one)}`);
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
  const proof = counterexample === undefined ? 'nothing fails' : counterexample;
  return `${change.name} (${proof.length > 120 ? `${proof.slice(0, 120)}…` : proof})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
