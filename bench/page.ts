/** Tables for the terminal, and the sections of docs/performance.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { newTable } from '#harness/terminal/table.ts';
import type { Findings, FindingsTable } from './bench.ts';

export const PAGE = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

const OPENING = `# Performance

Every figure is measured by a script in \`bench/\` and shown with its baseline from the same run.
\`pnpm bench\` lists the scripts; each writes its own section.
`;

export interface MachineState {
  readonly cores: number;
  readonly memoryGb: number;
  /** Load average over the minute before the run. */
  readonly load: number;
}

export function lookAtMachine(): MachineState {
  return {
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
  };
}

/** A higher load per core before a benchmark comes from other work. */
const QUIET_LOAD_PER_CORE = 0.5;

export function describeMachine({ cores, memoryGb, load }: MachineState): string {
  const quiet = load <= cores * QUIET_LOAD_PER_CORE;
  const state = quiet
    ? `quiet (load ${load} before the run)`
    : `**busy with other work** (load ${load} before the run), so times are longer than they need be`;
  return `${cores} cores, ${memoryGb} GB, ${state}.`;
}

export function renderTerminal(findings: Findings, machine: MachineState): string {
  const { title, tables, remarks = [], targets } = findings;
  return [
    title,
    ...tables.map(terminalTable),
    ...remarks,
    ...targets.map(({ claim, seen, met }) => `${met ? 'met' : 'NOT MET'}: ${claim} (${seen})`),
    describeMachine(machine).replaceAll('**', ''),
  ].join('\n');
}

function terminalTable({ head, rows }: FindingsTable): string {
  const table = newTable(head);
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

export function renderSection(name: string, findings: Findings, machine: MachineState): string {
  const { title, method, tables, remarks = [], targets } = findings;
  return [
    `## ${title}`,
    `\`pnpm bench ${name}\` on ${describeMachine(machine)}`,
    method,
    ...tables.map(markdownTable),
    ...remarks,
    ...(targets.length === 0
      ? []
      : [
          markdownTable({
            head: ['target', 'seen', ''],
            rows: targets.map(({ claim, seen, met }) => [claim, seen, met ? 'met' : '**not met**']),
          }),
        ]),
  ].join('\n\n');
}

function markdownTable({ head, rows }: FindingsTable): string {
  const line = (cells: ReadonlyArray<string | number>) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Replaces a section, or appends it. */
export function withSection(page: string, name: string, section: string): string {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const block = `${start}\n${section.trim()}\n${end}`;
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n${block}\n`;
  return `${page.slice(0, from)}${block}${page.slice(to + end.length)}`;
}

export function writeSection(name: string, section: string, file: string = PAGE): void {
  const page = existsSync(file) ? readFileSync(file, 'utf8') : OPENING;
  writeFileSync(file, withSection(page, name, section));
}
