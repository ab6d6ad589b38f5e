/** What a recorder can observe. A source is complete, incomplete, or was never recorded. */

/** Recorded in every run: a verdict lists each of them, also when it is absent. */
export const HISTORY_SOURCES = [
  'client',
  'websocket',
  'kafka',
  'eventstore',
  'postgres',
  'redis',
  'mongodb',
  'process',
  'spans',
  'mail',
  'health',
  'metrics',
  'logs',
] as const;

/** Not recorded in every run: a verdict lists those that the history has. */
export const OPTIONAL_SOURCES = ['wire', 'faults', 'load', 'resources'] as const;

export const ALL_SOURCES = [...HISTORY_SOURCES, ...OPTIONAL_SOURCES] as const;
export type HistorySource = (typeof ALL_SOURCES)[number];
