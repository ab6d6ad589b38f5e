import { performance } from 'node:perf_hooks';
import Table from 'cli-table3';
import { BARE_TOOLS } from '#harness/gate/proof/bare-tools.ts';
import { readCorpus } from '#harness/gate/proof/corpus.ts';
import { byFormat, confusionOf, type Measured, measure } from '#harness/gate/proof/measure.ts';

/**
 * How right the gate is: every change of contracts/gate-corpus is really tried (its label is not
 * believed), then the gate and the bare tools are asked. `OASDIFF=<path>` adds the OpenAPI differ.
 */
const FALSE_ALARMS_MAX = 0.03;

const startedMs = performance.now();
const measured = await measure(readCorpus(), { bare: true });
const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);

const table = new Table({
  head: ['format', 'who', 'caught', 'missed', 'passed', 'false alarms'],
  style: { head: [], border: [] },
});
for (const [format, all] of [...byFormat(measured), ['all', measured] as const]) {
  const bare = format === 'all' ? undefined : BARE_TOOLS[format];
  for (const [who, name] of [
    ['gate', 'gate'],
    ['bare', bare],
  ] as const) {
    if (name === undefined) continue;
    const found = confusionOf(all, who);
    const row = found && [found.caught, found.missed, found.passed, found.falseAlarms];
    table.push([format, name, ...(row ?? ['not installed', '', '', ''])]);
  }
}
console.log(table.toString());

const wrong = measured.filter(({ bare, proved }) => bare !== undefined && bare !== proved);
console.log(`\nWhere the bare tools are wrong (${wrong.length}):`);
for (const one of wrong)
  console.log(`- ${one.change.format}, ${one.bare} they say: ${describe(one)}`);

const mislabelled = measured.filter(({ change, proved }) => change.label !== proved);
for (const one of mislabelled) console.log(`LABEL NOT PROVED: ${describe(one)}`);
const gateWrong = measured.filter(({ gate, proved }) => gate !== proved);
for (const one of gateWrong) console.log(`GATE WRONG (${one.gate}): ${describe(one)}`);

const all = confusionOf(measured, 'gate');
if (all === undefined) throw new Error('the corpus is empty');
const recall = all.caught / (all.caught + all.missed);
const falseAlarms = all.falseAlarms / (all.falseAlarms + all.passed);
console.log(
  `\n${measured.length} changes in ${seconds} s: recall ${percent(recall)}, false alarms ${percent(falseAlarms)}`,
);
const good = recall === 1 && falseAlarms <= FALSE_ALARMS_MAX && mislabelled.length === 0;
process.exitCode = good ? 0 : 1;

function describe({ change, counterexample }: Measured): string {
  const proof = counterexample === undefined ? 'nothing fails' : counterexample;
  return `${change.name} (${proof.length > 120 ? `${proof.slice(0, 120)}…` : proof})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
