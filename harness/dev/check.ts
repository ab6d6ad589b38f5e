import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { paints } from '../terminal/output.ts';
import { trackedPaths } from './source-files.ts';

/** Checks types, style, dead code, schemas and house rules, in that order: `pnpm check`. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const WORKFLOWS = trackedPaths()
  .filter((path) => /^(\.github\/workflows|examples\/ci)\/[^/]+\.ya?ml$/.test(path))
  .map((path) => `${root}${path}`);
const CHECKS: ReadonlyArray<readonly [what: string, command: string, ...args: string[]]> = [
  ['types', 'tsc', '-p', root],
  ['style', 'biome', 'check', '--error-on-warnings', root],
  [
    'dead code',
    'knip',
    '--no-progress',
    '--cache',
    '--cache-location',
    `${root}node_modules/.cache/knip`,
  ],
  ['protobuf', 'buf', 'lint', 'proto'],
  ['workflows', 'go', '-C', 'harness/dev/actionlint', 'tool', 'actionlint', ...WORKFLOWS],
  [
    'house rules',
    'vitest',
    ...['run', '--project', 'unit'],
    ...['tidy', 'wording', 'domain-names', 'fact-outputs', 'workflows', 'layers'].map(
      (name) => `harness/dev/${name}`,
    ),
  ],
];

let failed = 0;
for (const [what, command, ...args] of CHECKS) {
  const result = await execa(command, args, {
    cwd: root,
    preferLocal: true,
    localDir: root,
    all: true,
    reject: false,
  });
  if (result.exitCode === 0) {
    process.stdout.write(`${paints.green('ok')}      ${what}\n`);
  } else {
    failed += 1;
    process.stdout.write(`${paints.red('failed')}  ${what}\n${result.all ?? ''}\n`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
