import type { Frame } from '../../harness/clients/socket.ts';

const TERMINAL = new Set(['SUCCEEDED', 'FAILED']);

/** What is wrong with all updates of an ended job at level detail; undefined if nothing is. */
export function problemOf(updates: readonly Frame[]): string | undefined {
  const sequences = updates.map(({ sequence }) => sequence);
  const expected = sequences.map((_, index) => index + 1);
  if (JSON.stringify(sequences) !== JSON.stringify(expected)) {
    return `its updates came as ${sequences.join(', ')}`;
  }
  const ends = updates.filter(({ kind = '' }) => TERMINAL.has(kind));
  if (ends.length !== 1) return `${ends.length} of its updates end it`;
  const steps = updates
    .filter(({ kind }) => kind === 'STEP_COMPLETED' || kind === 'STEP_COMPENSATED')
    .map(({ kind, step }) => `${kind} ${step}`);
  const twice = steps.find((step, index) => steps.indexOf(step) !== index);
  return twice === undefined ? undefined : `${twice} came twice`;
}
