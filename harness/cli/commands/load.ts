import { type Command, Option } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';
import { subjectOption } from '../subject-option.ts';

const repeated = (value: string, before: readonly string[]): string[] => [...before, value];

export function addLoad(program: Command): void {
  program
    .command('load')
    .description('put the WebSocket tier or the sagas under load and check correctness meanwhile')
    .option('--model <name>', 'built-in model, or a .yaml or .json file', 'fan-out')
    .option('--rate <n>', 'updates or orders per second, instead of what the model says')
    .option('--sockets <n>', 'sockets, instead of what the model says')
    .option('--duration <seconds>', 'how long, instead of what the model says')
    .addOption(
      new Option('--fault <fault>', 'such as kill-websocket-node@30s (repeatable)')
        .argParser(repeated)
        .default([]),
    )
    .addOption(
      new Option('--slo <limit>', 'such as deliveryP99Ms=300, instead of the SLO file (repeatable)')
        .argParser(repeated)
        .default([]),
    )
    .option('--slos <file>', 'SLO file (YAML or JSON) instead of the built-in one')
    .option('--seed <text>', 'random seed; a new one is generated when omitted')
    .option('--list', 'list the built-in models and play none')
    .option('--print', 'print the model and its limits as JSON, as k6 reads it, and play nothing')
    .option('--keep', 'keep the stack running afterwards')
    .option('--fresh', 'boot a new stack even if a compatible one is already running')
    .addOption(subjectOption())
    .addOption(
      new Option('--target <manifest>', 'the same as --subject (repeatable)')
        .argParser(repeated)
        .default([]),
    )
    .option('--config <file>', 'configuration file (default: sagaproof.config.ts in this folder)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
All invariants check the run. A lost, repeated or leaked frame makes it invalid, and so does a
missed limit; on a starved machine a missed latency makes it unknown.

Exit code: 0 valid, 1 invalid, 2 unknown.

Examples:
  $ pnpm sagaproof load
  $ pnpm sagaproof load --model reconnect-storm --duration 60 --fault kill-websocket-node@30s
  $ pnpm sagaproof load --model saga-rate --rate 10 --fault restart-kafka@10s --slo sagaP99Ms=3000
  $ pnpm sagaproof load --model my-load.yaml --target ../my-websocket/sagaproof.service.yaml
`,
    )
    .action(lazyAction(async () => (await import('../actions/load.ts')).playLoad));
}
