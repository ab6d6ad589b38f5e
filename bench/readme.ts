/**
 * Renews the console excerpts and pictures of README.md and README.ja.md: `pnpm bench readme`.
 *
 * Runs one scenario against a service with a seeded bug (expected: invalid) and `verify` against
 * the reference services (expected: valid), inserts the ends of their output after the markers
 * `<!-- run: red -->` and `<!-- run: green -->`, and takes pictures of the reports with Chromium.
 * docs/images/runs.json keeps the names of invariants and scenarios, so that a test notices when
 * the excerpts are older than the code. `CHROMIUM` names the browser; default: chromium.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { note } from '#harness/terminal/output.ts';
import { readBugs } from './bug-catalogue.ts';
import { copySources, editSources } from './edited-sources.ts';
import { inBrief, insertExcerpt, README_FILES, RUNS_FILE } from './readme-excerpts.ts';

const ROOT = join(import.meta.dirname, '..');
/** The bug of the red run: the saga releases its first step and forgets the others. */
const BUG = 'undone-forwards';
const SEED = 'readme';
const BUG_FOLDER = 'runs/readme';
/** Width and height: all lanes of the timeline, without the lists below. */
const PICTURE_PX = '1200,646';

interface Run {
  readonly command: string;
  readonly stdout: string;
  readonly verdict: {
    readonly verdict: string;
    readonly run: string;
    readonly commit: string;
    readonly scenarios: ReadonlyArray<{ readonly name: string }>;
    readonly invariants: ReadonlyArray<{
      readonly name: string;
      readonly witness?: ReadonlyArray<{ readonly witness: readonly number[] }>;
    }>;
  };
}

/** Runs a command of Sagaproof and reads the verdict of its run. */
async function sagaproof(args: readonly string[], exitCode: number): Promise<Run> {
  const ended = await execa('node', ['harness/cli/main.ts', ...args], {
    cwd: ROOT,
    reject: false,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { NO_COLOR: '1' },
  });
  if (ended.exitCode !== exitCode) {
    throw new Error(`sagaproof ${args.join(' ')} exited with ${ended.exitCode}: ${ended.stdout}`);
  }
  const verdict = JSON.parse(readFileSync(join(ROOT, 'runs/latest/verdict.json'), 'utf8'));
  return { command: `pnpm sagaproof ${args.join(' ')}`, stdout: ended.stdout, verdict };
}

async function redRun(): Promise<Run> {
  const bug = readBugs().find(({ name }) => name === BUG);
  if (bug === undefined) throw new Error(`scenarios/bugs has no ${BUG}`);
  const folder = join(ROOT, BUG_FOLDER);
  copySources(folder);
  editSources(folder, bug.edits, `scenarios/bugs: ${BUG}`);
  const manifest = `${BUG_FOLDER}/reference-services/${bug.service}/sagaproof.service.yaml`;
  const text = readFileSync(join(ROOT, manifest), 'utf8');
  // Runs from its sources, so that the edit is what starts.
  writeFileSync(join(ROOT, manifest), text.replace('bundle: true\n', ''));
  const run = await sagaproof(
    ['scenario', ...bug.plays, '--seed', SEED, '--fresh', '--subject', manifest],
    1,
  );
  await pictures(run, 'red');
  rmSync(folder, { recursive: true, force: true });
  return run;
}

const greenRun = (): Promise<Run> => sagaproof(['verify', '--seed', SEED, '--fresh'], 0);

/** Takes a light and a dark picture of the first violating job. */
async function pictures({ verdict }: Run, name: string): Promise<void> {
  const page = join(ROOT, 'runs', verdict.run, 'report.html');

  for (const theme of ['light', 'dark']) {
    const profile = mkdtempSync(join(tmpdir(), 'sagaproof-chromium-'));
    await execa(process.env['CHROMIUM'] ?? 'chromium', [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--hide-scrollbars',
      `--user-data-dir=${profile}`,
      `--window-size=${PICTURE_PX}`,
      '--virtual-time-budget=5000',
      `--screenshot=${join(ROOT, 'docs/images', `${name}-${theme}.png`)}`,
      `file://${page}#view=job&theme=${theme}`,
    ]);
    rmSync(profile, { recursive: true, force: true });
  }
}

/**
 * The end of an output without the table, unexercised invariants and stack frames, and with the
 * path of the copy shortened.
 */
function excerpt({ command, stdout }: Run): string {
  const lines: string[] = [];
  let skipping = false;
  for (const line of `$ ${command}\n${stdout}`.split('\n')) {
    if (!line.startsWith('    ')) skipping = line.startsWith('? ');
    if (!skipping && !/^[┌├│└]|^\s+at /.test(line)) lines.push(line);
  }
  return inBrief(lines.join('\n'))
    .replaceAll(new RegExp(`${BUG_FOLDER}/reference-services/[a-z-]+/`, 'g'), '../my-order/')
    .replace(` --seed ${SEED} --fresh`, '')
    .trim();
}

mkdirSync(join(ROOT, 'docs/images'), { recursive: true });
const runs = { red: await redRun(), green: await greenRun() };
for (const file of README_FILES) {
  let text = readFileSync(join(ROOT, file), 'utf8');
  for (const [name, run] of Object.entries(runs)) text = insertExcerpt(text, name, excerpt(run));
  writeFileSync(join(ROOT, file), text);
}
const { invariants, scenarios, commit } = runs.green.verdict;
const facts = {
  commit,
  invariants: invariants.map(({ name }) => name),
  scenarios: scenarios.map(({ name }) => name).sort(),
};
writeFileSync(join(ROOT, RUNS_FILE), `${JSON.stringify(facts, null, 2)}\n`);
note(`wrote ${README_FILES.join(', ')}, docs/images and ${RUNS_FILE}`);
