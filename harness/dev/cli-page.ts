import type { Command } from 'commander';
import { createProgram } from '../cli/program.ts';

/** Path of the page, relative to the repository. */
export const CLI_PAGE = 'docs/reference/cli.md';

const COLUMNS = 100;

/** Renders the reference page of the command line from its help, for `pnpm generate`. */
export function renderCliPage(program: Command = createProgram()): string {
  const parts = [
    `<!-- Generated from the help of harness/cli by pnpm generate. -->
# Command line

\`npx sagaproof\` where the package is installed, \`pnpm sagaproof\` in a checkout with pnpm,
\`npx -y pnpm@12 sagaproof\` in one without.
\`pnpm verify\` is \`pnpm sagaproof verify\`.

Results go to stdout, progress and logs to stderr. With \`--json\`, stdout gets exactly one JSON
object. Schemas: [verdict](verdict.schema.json) (verify,
scenario, check), [gate](gate.schema.json), [contracts](contracts.schema.json),
[up](up.schema.json), [status](status.schema.json), [down](down.schema.json),
[doctor](doctor.schema.json), [init](init.schema.json),
[scenario --list](scenario-list.schema.json), and [error](error.schema.json) for a command that
fails. Errors name the cause and the fix.`,
    helpBlock(program),
    ...commandsOf(program).map((command) => `## ${pathOf(command)}\n\n${helpBlock(command)}`),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Every command with its subcommands, parents first. */
export function commandsOf(program: Command): Command[] {
  return program.commands.flatMap((command) => [command, ...commandsOf(command)]);
}

function pathOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name());
  return names.join(' ');
}

const helpBlock = (command: Command): string => `\`\`\`text\n${helpOf(command).trim()}\n\`\`\``;

/** The help as shown in a terminal, with examples. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => COLUMNS,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.replace(/[ \t]+$/gm, '');
}
