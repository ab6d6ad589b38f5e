import type { Command } from 'commander';
import { createProgram } from '../cli/program.ts';

/** Where the page is, from the repository's root. */
export const CLI_PAGE = 'docs/reference/cli.md';

const COLUMNS = 100;

/** The reference page on the command line, made of its help: `pnpm generate` writes it. */
export function renderCliPage(program: Command = createProgram()): string {
  const parts = [
    `<!-- Written by pnpm generate from the help of harness/cli. -->
# Command line

\`pnpm sagaproof\` on a machine with pnpm, \`npx -y pnpm@12 sagaproof\` on any other.
\`pnpm verify\` is \`pnpm sagaproof verify\`.

Results go to stdout, progress and logs to stderr. With \`--json\`, stdout gets one object and
nothing else; a schema of each is beside this page: [verdict](verdict.schema.json) (verify,
scenario, check), [gate](gate.schema.json), [contracts](contracts.schema.json),
[up](up.schema.json), [status](status.schema.json), [down](down.schema.json),
[doctor](doctor.schema.json), [scenario --list](scenario-list.schema.json), and
[error](error.schema.json) for what could not be done. Errors name the culprit and the mend.`,
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

/** The help as a terminal shows it, examples included. */
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
