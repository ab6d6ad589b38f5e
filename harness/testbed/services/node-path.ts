import { delimiter, dirname } from 'node:path';

/** PATH with the harness' own Node first, so that `command: [node, …]` is the version it needs. */
export const nodePath = (): string =>
  [dirname(process.execPath), process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(
    delimiter,
  );
