import { type Command, InvalidArgumentError, Option } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';
import { envOption, subjectOption } from '../subject-option.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** @throws InvalidArgumentError when it is no duration such as `90s` */
export function durationMs(text: string): number {
  const [, amount = '', unit = ''] = /^([1-9]\d{0,5})([smh])$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (Number.isNaN(ms) || ms === 0) throw new InvalidArgumentError('Write 90s, 10m or 1h.');
  return ms;
}

function between(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
  };
}

const FAULTS_MAX = 5;
const TIMES_MAX = 100;

const stackOptions = (command: Command): Command =>
  command
    .option('--keep', 'keep the stack running afterwards')
    .option('--fresh', 'boot a new stack even if a compatible one is already running')
    .addOption(subjectOption())
    .addOption(envOption())
    .option('--config <file>', 'configuration file (default: sagaproof.config.ts in this folder)')
    .addOption(jsonOption());

export function addHunt(program: Command): void {
  stackOptions(
    program
      .command('hunt')
      .description('play random schedules of several faults until the time is up')
      .option('--seed <text>', 'random seed; a new one is generated when omitted')
      .addOption(
        new Option('--budget <time>', 'no schedule begins later: 90s, 10m, 1h')
          .default(durationMs('10m'), '10m')
          .argParser(durationMs),
      )
      .addOption(
        new Option('--faults <n>', 'faults of a schedule, at most')
          .default(FAULTS_MAX)
          .argParser(between(1, FAULTS_MAX)),
      ),
  )
    .addHelpText(
      'after',
      `
The faults of a schedule are cells of the matrix; all of them are about one order. A schedule that
fails is played again in parts, until the fewest faults are left that still fail.

Exit code: 0 valid, 1 invalid, 2 unknown.

Examples:
  $ pnpm sagaproof hunt --budget 2m
  $ pnpm sagaproof hunt --seed 5f3c1a --faults 2 --subject ../my-payment/sagaproof.service.yaml
`,
    )
    .action(lazyAction(async () => (await import('../actions/hunt.ts')).hunt));
}

export function addReplay(program: Command): void {
  stackOptions(
    program
      .command('replay')
      .description('play the failed schedules of a hunt again and count how often they fail')
      .argument('<run>', 'id of the run')
      .addOption(
        new Option('--times <n>', 'how often each is played')
          .default(1)
          .argParser(between(1, TIMES_MAX)),
      ),
  )
    .addHelpText(
      'after',
      `
Exit code: 0 none failed, 1 one failed again.

Examples:
  $ pnpm sagaproof replay 20261129-180000-abcdef --times 10
`,
    )
    .action(lazyAction(async () => (await import('../actions/replay.ts')).replay));
}
