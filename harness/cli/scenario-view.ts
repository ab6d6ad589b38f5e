import type { ScenarioLine } from '../runner/scenario-reporter.ts';
import { note, notePaints } from '../terminal/output.ts';

export interface ScenarioView {
  readonly onLine: (line: ScenarioLine) => void;
  readonly onPhase: (phase: string) => void;
  readonly close: () => void;
}

const PAINT = {
  passed: notePaints.green,
  failed: notePaints.red,
  partial: notePaints.yellow,
} as const;

/** With nothing new for this long, a terminal is told what is still being played. */
const QUIET_MS = 5_000;

/** Tells each scenario as it ends, and what is still being played when nothing ends for a while. */
export function createScenarioView(names: readonly string[]): ScenarioView {
  const playing = new Set<string>();
  let ended = 0;
  const width = Math.max(...names.map((name) => name.length));
  note(`playing ${names.length} scenario${names.length === 1 ? '' : 's'}`);
  const tell = () => note(notePaints.dim(`  still playing: ${[...playing].join(', ') || 'none'}`));
  let timer = setInterval(tell, QUIET_MS);
  return {
    onLine(line) {
      clearInterval(timer);
      timer = setInterval(tell, QUIET_MS);
      if (line.event === 'started') {
        playing.add(line.name);
        return;
      }
      playing.delete(line.name);
      ended += 1;
      const mark = PAINT[line.outcome](line.outcome);
      const seconds = `${(line.durationMs / 1_000).toFixed(1)} s`.padStart(7);
      note(`  ${mark} ${line.name.padEnd(width)} ${seconds}  ${ended}/${names.length}`);
    },
    onPhase(phase) {
      clearInterval(timer);
      note(notePaints.dim(`  ${phase}`));
    },
    close: () => clearInterval(timer),
  };
}
