import { Option } from 'commander';

/** `--subject`, of every command that boots services. */
export const subjectOption = (): Option =>
  new Option(
    '--subject <manifest>',
    'service manifest of the implementation under test (repeatable)',
  )
    .argParser((path: string, before: readonly string[]): string[] => [...before, path])
    .default([]);
