import type { HistoryBuilder } from '../checker/testing/history-builder.ts';
import { describeInvariant } from '../checker/testing/judge.ts';
import type { Unrecorded } from '../history/event.ts';
import { healthMatchesFaults } from './health-matches-faults.ts';

/** So many seconds after the story's end. */
const at = (to: HistoryBuilder, seconds: number): number =>
  to.event('scenario.end').atMs + seconds * 1_000;

/** Adds an event at its time, before the sources are closed. */
const put = (to: HistoryBuilder, tag: string, seconds: number, event: Unrecorded) => {
  const atMs = at(to, seconds);
  to.after(last(to), tag, event).edit(tag, { atMs });
  to.edit('closed.spans', { atMs: at(to, seconds) });
  places.set(to, tag);
};
const places = new WeakMap<HistoryBuilder, string>();
const last = (to: HistoryBuilder): string => places.get(to) ?? 'scenario.end';

const probe = (
  to: HistoryBuilder,
  tag: string,
  seconds: number,
  outcome: 'ok' | 'failing' | 'no-answer',
  more: { readonly probe?: 'livez' | 'readyz'; readonly beforeS?: number } = {},
) =>
  put(to, tag, seconds, {
    type: 'health',
    instance: 'order-1',
    probe: more.probe ?? 'readyz',
    outcome,
    ...(outcome === 'failing' ? { status: 503, detail: '{"ready":false}' } : {}),
    ...(more.beforeS === undefined ? {} : { beforeMs: at(to, more.beforeS) }),
  });

const fault = (
  to: HistoryBuilder,
  tag: string,
  seconds: number,
  what: 'armed' | 'landed' | 'lifted',
  target = 'order→eventstore',
) => put(to, tag, seconds, { type: 'fault', fault: 'f1', name: 'cut', what, target, seed: '1' });

const later = (to: HistoryBuilder, seconds: number) =>
  to.edit('closed.metrics', { atMs: at(to, seconds) });

describeInvariant(
  healthMatchesFaults,
  [
    {
      anomaly: 'an instance that is not ready for long, without a cause',
      edit: (to) => {
        probe(to, 'red', 1, 'failing');
        probe(to, 'green', 12, 'ok');
      },
      says: /order-1 answered \/readyz failing 503 \{"ready":false\} for 11 s, and nothing disturbed/,
      shows: ['red', 'green'],
      minimal: false,
    },
    {
      anomaly: 'an instance that is not ready in the end',
      edit: (to) => {
        probe(to, 'red', 1, 'failing');
        later(to, 40);
      },
      says: /answered \/readyz failing .* for 39 s/,
      shows: ['red'],
    },
    {
      anomaly: 'an instance that is never ready again after a fault',
      edit: (to) => {
        fault(to, 'armed', 0, 'armed');
        probe(to, 'red', 1, 'failing');
        fault(to, 'lifted', 5, 'lifted');
        later(to, 60);
      },
      says: /answered \/readyz failing/,
      shows: ['red'],
    },
    {
      anomaly: 'an instance that a lost store makes unlive',
      edit: (to) => {
        fault(to, 'armed', 0, 'armed');
        probe(to, 'dead', 1, 'failing', { probe: 'livez' });
        probe(to, 'alive', 15, 'ok', { probe: 'livez' });
        fault(to, 'lifted', 15, 'lifted');
      },
      says: /order-1 answered \/livez failing/,
      shows: ['dead', 'alive'],
      minimal: false,
    },
    {
      anomaly: 'an instance that is ready although its store is away',
      edit: (to) => {
        fault(to, 'armed', 0, 'armed');
        fault(to, 'landed', 0, 'landed');
        fault(to, 'lifted', 15, 'lifted');
      },
      says: /order-1 answered \/readyz ok although order→eventstore was cut for 15 s/,
      shows: ['landed', 'health.readyz'],
    },
  ],
  [
    {
      legal: 'a short time of not being ready',
      edit: (to) => {
        probe(to, 'red', 1, 'failing');
        probe(to, 'green', 6, 'ok');
      },
    },
    {
      legal: 'an instance that the harness could not observe for long',
      edit: (to) => {
        probe(to, 'red', 1, 'failing');
        probe(to, 'green', 60, 'ok', { beforeS: 3 });
      },
    },
    {
      legal: 'an instance that is not ready while its store is away, and soon after',
      edit: (to) => {
        fault(to, 'armed', 0, 'armed');
        fault(to, 'landed', 0, 'landed');
        probe(to, 'red', 2, 'failing');
        fault(to, 'lifted', 30, 'lifted');
        probe(to, 'green', 45, 'ok');
      },
    },
    {
      legal: 'an instance that is ready while a service that it calls is away',
      edit: (to) => {
        fault(to, 'armed', 0, 'armed', 'api-gateway→order');
        fault(to, 'landed', 0, 'landed', 'api-gateway→order');
        fault(to, 'lifted', 30, 'lifted', 'api-gateway→order');
      },
    },
    {
      legal: 'an instance without an answer while it is paused',
      edit: (to) => {
        const process = { type: 'process', instance: 'order-1', what: 'signalled' } as const;
        put(to, 'stop', 0, { ...process, signal: 'SIGSTOP' });
        probe(to, 'silent', 1, 'no-answer', { probe: 'livez' });
        put(to, 'cont', 30, { ...process, signal: 'SIGCONT' });
        probe(to, 'alive', 31, 'ok', { probe: 'livez' });
      },
    },
  ],
);
