import type { ConformanceResult } from '../conformance/result.ts';
import { note, notePaints } from '../terminal/output.ts';

/** With nothing new for this long, a terminal is told that it still goes on. */
const QUIET_MS = 5_000;

/** Tells each method and operation once it was asked everything. */
export function createConformanceView() {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1_000).toFixed(0)} s`;
  const tell = () => note(notePaints.dim(`  still asking, ${seconds()}`));
  let timer = setInterval(tell, QUIET_MS);
  const heard = () => {
    clearInterval(timer);
    timer = setInterval(tell, QUIET_MS);
  };
  return {
    onLine(line: string) {
      heard();
      note(line);
    },
    onResults(results: readonly ConformanceResult[]) {
      heard();
      const kept = results.filter(({ outcome }) => outcome === 'passed').length;
      const paint = kept === results.length ? notePaints.green : notePaints.red;
      note(`  ${paint(`${kept}/${results.length}`)} ${results[0]?.rpc ?? ''}`);
    },
    close: () => clearInterval(timer),
  };
}
