import type { LoadModelInput } from './model-schema.ts';
import type { SLOS } from './slos.ts';

/** A built-in model: its SLO is one of the built-in file. */
type BuiltIn = LoadModelInput & { readonly slo: keyof typeof SLOS };

const ALL_LEVELS = { outcome: 1, progress: 1, detail: 1 };

/** The built-in models, by what they put a load on. */
export const MODELS = [
  {
    name: 'connect-ramp',
    claims: 'sockets are opened at a steady rate and every handshake is answered in time',
    durationSeconds: 20,
    sockets: { users: 100, perUser: 5, openedPerSecond: 50 },
    slo: 'connect',
  },
  {
    name: 'fan-out',
    claims: 'every update reaches all sockets of its customer, once and in order',
    durationSeconds: 20,
    sockets: { users: 20, perUser: 10 },
    updates: { perSecond: 50 },
    slo: 'delivery',
  },
  {
    name: 'unicast-by-job',
    claims: 'a socket that follows one job after another gets every update of each',
    durationSeconds: 20,
    sockets: { users: 100, subscribe: 'by-job' },
    updates: { perSecond: 100, perJob: 10 },
    slo: 'delivery',
  },
  {
    name: 'level-mix',
    claims: 'sockets at every level get their updates and none above them',
    durationSeconds: 20,
    sockets: { users: 30, perUser: 6, levels: ALL_LEVELS },
    updates: { perSecond: 80 },
    slo: 'delivery',
  },
  {
    name: 'slow-readers',
    claims: 'sockets that stop reading cost the others nothing and the tier little memory',
    durationSeconds: 25,
    sockets: { users: 8, perUser: 5, slowShare: 0.05 },
    updates: { perSecond: 200, perJob: 100, payloadBytes: 12_288 },
    slo: 'slow-readers',
  },
  {
    name: 'reconnect-storm',
    claims: 'when a node dies its sockets come back elsewhere and miss nothing',
    durationSeconds: 25,
    sockets: { users: 60, perUser: 3, subscribe: 'by-job' },
    updates: { perSecond: 60, perJob: 100 },
    faults: ['kill-websocket-node@10s+5s'],
    slo: 'reconnect',
  },
  {
    name: 'resume-under-load',
    claims: 'sockets that are cut while updates flow resume without a gap or a duplicate',
    durationSeconds: 20,
    sockets: { users: 50, perUser: 2, subscribe: 'by-job' },
    updates: { perSecond: 100, perJob: 200 },
    churn: { perSecond: 10, cutShare: 1 },
    slo: 'reconnect',
  },
  {
    name: 'churn',
    claims: 'customers come and go all the time and the others notice nothing',
    durationSeconds: 20,
    sockets: { users: 50, perUser: 3, levels: ALL_LEVELS },
    updates: { perSecond: 50 },
    churn: { perSecond: 20 },
    slo: 'reconnect',
  },
  {
    name: 'soak',
    claims: 'the tier does not grow and does not slow down over time',
    durationSeconds: 600,
    sockets: { users: 50, perUser: 4, levels: ALL_LEVELS },
    updates: { perSecond: 50 },
    churn: { perSecond: 2 },
    slo: 'slow-readers',
  },
  {
    name: 'breakpoint',
    claims: 'finds the highest rate of updates at which the SLOs are kept',
    durationSeconds: 60,
    sockets: { users: 20, perUser: 10 },
    updates: { perSecond: 50 },
    search: { factor: 1.5, stepSeconds: 8 },
    slo: 'delivery',
  },
  {
    name: 'saga-rate',
    claims: 'orders are accepted and completed in time, and none is lost',
    durationSeconds: 20,
    sockets: { users: 20 },
    sagas: { perSecond: 4 },
    slo: 'saga',
  },
] as const satisfies readonly BuiltIn[];
