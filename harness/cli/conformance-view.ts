import type { ConformanceResult } from '../conformance/result.ts';
import { note, notePaints } from '../terminal/output.ts';

/** After this long without a result, a line shows that the command is still running. */
const QUIET_MS = 5_000;

/** Prints one line per RPC or operation when all its requests were sent. */
export function createConformanceView() {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1_000).toFixed(0)} s`;
  const heartbeat = () => note(notePaints.dim(`  still running, ${seconds()}`));
  let timer = setInterval(heartbeat, QUIET_MS);
  const restartTimer = () => {
    clearInterval(timer);
    timer = setInterval(heartbeat, QUIET_MS);
  };
  return {
    onLine(line: string) {
      restartTimer();
      note(line);
    },
    onResults(results: readonly ConformanceResult[]) {
      restartTimer();
      const passed = results.filter(({ outcome }) => outcome === 'passed').length;
      const paint = passed === results.length ? notePaints.green : notePaints.red;
      note(`  ${paint(`${passed}/${results.length}`)} ${results[0]?.rpc ?? ''}`);
    },
    close: () => clearInterval(timer),
  };
}
