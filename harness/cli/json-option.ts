import { Option } from 'commander';

/** The `--json` option, described the same way in every command. */
export const jsonOption = (): Option =>
  new Option('--json', 'print one JSON object on stdout; progress and logs go to stderr');
