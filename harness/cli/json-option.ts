import { Option } from 'commander';

/** `--json`, the same words everywhere. */
export const jsonOption = (): Option =>
  new Option('--json', 'one JSON object on standard output, everything else on standard error');
