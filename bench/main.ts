/** `pnpm bench <name>`: measures, prints a table, and writes its section of docs/performance.md. */
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { execa } from 'execa';
import { interruption } from '#harness/cli/interruption.ts';
import { jsonOption } from '#harness/cli/json-option.ts';
import { createProgressView } from '#harness/provision/progress.ts';
import { provision } from '#harness/provision/provision.ts';
import { EXIT, note, printError, result, resultJson } from '#harness/terminal/output.ts';
import type { Bench } from './bench.ts';
import { boot } from './boot.ts';
import { coldBoots } from './cold-boots.ts';
import { eventstore } from './eventstore.ts';
import { invariants } from './invariants.ts';
import { packageSize } from './package.ts';
import { lookAtMachine, renderSection, renderTerminal, writeSection } from './page.ts';
import { peersWs } from './peers-ws.ts';
import { reset } from './reset.ts';
import { saga } from './saga.ts';
import { wire } from './wire.ts';

const BENCHES: readonly Bench[] = [
  boot,
  coldBoots,
  saga,
  peersWs,
  reset,
  invariants,
  packageSize,
  wire,
  eventstore,
];

/** Benchmarks that are programs of their own, with options of their own. */
const PROGRAMS: Readonly<Record<string, string>> = {
  gate: 'accuracy of the gate on labelled contract changes, compared with the bare tools',
  breakages: 'which broken providers the contracts catch, with a control for each',
  readme: 'updates the excerpts and pictures of the READMEs from current runs',
  'eventstore-breakages': 'which breakages of the event store its contract suite catches',
  bugs: 'which service bugs scenarios and invariants catch, with a control',
};

const ROUNDS_MAX = 100_000;

interface RunOptions {
  readonly rounds?: number;
  readonly json?: boolean;
}

async function runBench(bench: Bench, options: RunOptions): Promise<void> {
  using interrupted = interruption();
  const machine = lookAtMachine();
  const provisioning = createProgressView();
  const installation = await provision({
    onEvent: provisioning.onEvent,
    signal: interrupted.signal,
  }).finally(provisioning.close);
  const rounds = options.rounds ?? bench.rounds;
  const findings = await bench.run({ rounds, installation, signal: interrupted.signal, note });
  if (options.json) {
    const { figures, targets } = findings;
    resultJson({ bench: bench.name, rounds, machine, figures, targets });
  } else {
    result(renderTerminal(findings, machine));
  }
  writeSection(bench.name, renderSection(bench.name, findings, machine));
  if (findings.targets.some(({ met }) => !met)) process.exitCode = EXIT.no;
}

function toRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= ROUNDS_MAX) return rounds;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${ROUNDS_MAX}.`);
}

function createProgram(): Command {
  const program = new Command('bench')
    .description('Measures the harness and the reference services; writes docs/performance.md')
    .showHelpAfterError('(run with --help for usage)')
    .exitOverride();
  for (const bench of BENCHES) {
    program
      .command(bench.name)
      .description(bench.summary)
      .option('--rounds <n>', `${bench.round} (default: ${bench.rounds})`, toRounds)
      .addOption(jsonOption())
      .action((options: RunOptions) => runBench(bench, options));
  }
  for (const [name, summary] of Object.entries(PROGRAMS)) {
    program
      .command(name)
      .description(summary)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(async (_options: unknown, command: Command) => {
        const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
        const { exitCode } = await execa(process.execPath, [file, ...command.args], {
          stdio: 'inherit',
          reject: false,
        });
        process.exitCode = exitCode ?? EXIT.unable;
      });
  }
  return program;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Without a name it lists the benchmarks and succeeds.
    const isHelp = error.exitCode === 0 || error.code === 'commander.help';
    process.exitCode = isHelp ? EXIT.ok : EXIT.unable;
  } else {
    printError(error, process.argv.includes('--json'));
    process.exitCode = EXIT.unable;
  }
}
