import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { CLI_PAGE, renderCliPage } from './cli-page.ts';

test('the reference page is up to date (else run pnpm generate)', () => {
  const page = readFileSync(new URL(`../../${CLI_PAGE}`, import.meta.url), 'utf8');
  expect(page).toBe(renderCliPage());
});

test('the page lists each command with its options, examples and subcommands', () => {
  const program = new Command('tool');
  const boil = program.command('boil <what>').option('--hard', 'for ten minutes');
  boil.addHelpText('after', 'Examples:\n  $ tool boil egg');
  boil.command('over');
  const page = renderCliPage(program);
  expect(page).toContain('## boil\n');
  expect(page).toContain('--hard');
  expect(page).toContain('$ tool boil egg');
  expect(page).toContain('## boil over\n');
});
