import { defineInvariant, Findings } from 'sagaproof';

/** A busy machine takes a second or two; a client gives up later than this. */
const ANSWER_MS_MAX = 20_000;

/**
 * Claims: each request of a client is answered in time.
 * Checks: the time between a request and its answer, whether it succeeded or not.
 * Could be fooled: by clients that send nothing; then it looked at 0 and is unknown.
 */
export default defineInvariant({
  name: 'requests-answered-in-time',
  promise: `Each request of a client is answered within ${ANSWER_MS_MAX / 1_000} s.`,
  needs: ['client'],
  reads: ['invoke', 'ok', 'fail', 'info'],
  start() {
    const findings = new Findings();
    const requests = new Map();
    return {
      observe(event) {
        if (event.type === 'invoke') requests.set(event.operation, event);
        if (event.type !== 'ok' && event.type !== 'fail' && event.type !== 'info') return;
        const request = requests.get(event.operation);
        if (request === undefined) return;
        findings.look();
        const tookMs = Math.round(event.atMs - request.atMs);
        if (tookMs <= ANSWER_MS_MAX) return;
        findings.violate(
          () => `${request.name} (${event.operation}) was answered after ${tookMs} ms.`,
          request.index,
          event.index,
        );
      },
      finish: () => findings.finding(),
    };
  },
});
