import { Option } from 'commander';

/** `--subject`, of every command that boots services. */
export const subjectOption = (): Option =>
  new Option(
    '--subject <manifest>',
    'service manifest of the implementation under test, or its folder (repeatable)',
  )
    .argParser((path: string, before: readonly string[]): string[] => [...before, path])
    .default([]);

/** `--env`, of commands that boot subjects. */
export const envOption = (): Option =>
  new Option(
    '--env <variable>',
    'NAME=value for the subjects, or service:NAME=value for one (repeatable)',
  )
    .argParser((text: string, before: readonly string[]): string[] => [...before, text])
    .default([]);
