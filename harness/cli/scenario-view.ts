import type { ScenarioProgress } from '../runner/scenario-results.ts';
import { note, notePaints } from '../terminal/output.ts';

export interface ScenarioView {
  readonly onProgress: (progress: ScenarioProgress) => void;
  readonly onPhase: (phase: string) => void;
  readonly close: () => void;
}

const PAINT = {
  passed: notePaints.green,
  failed: notePaints.red,
  partial: notePaints.yellow,
  inconclusive: notePaints.yellow,
} as const;

/** If no scenario ends for this long, the terminal shows which ones are still running. */
const QUIET_MS = 5_000;

/** Shows each scenario when it ends, and which ones still run if none ends for a while. */
export function createScenarioView(names: readonly string[]): ScenarioView {
  const running = new Set<string>();
  let ended = 0;
  const width = Math.max(...names.map((name) => name.length));
  note(`running ${names.length} scenario${names.length === 1 ? '' : 's'}`);
  const showRunning = () => {
    if (running.size > 0) note(notePaints.dim(`  still running: ${[...running].join(', ')}`));
  };
  let timer = setInterval(showRunning, QUIET_MS);
  return {
    onProgress(progress) {
      clearInterval(timer);
      timer = setInterval(showRunning, QUIET_MS);
      if (progress.event === 'started') {
        running.add(progress.name);
        return;
      }
      running.delete(progress.name);
      ended += 1;
      const mark = PAINT[progress.outcome](progress.outcome);
      const seconds = `${(progress.durationMs / 1_000).toFixed(1)} s`.padStart(7);
      note(`  ${mark} ${progress.name.padEnd(width)} ${seconds}  ${ended}/${names.length}`);
    },
    onPhase(phase) {
      clearInterval(timer);
      note(notePaints.dim(`  ${phase}`));
    },
    close: () => clearInterval(timer),
  };
}
