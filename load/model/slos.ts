import type { SloInput } from './model-schema.ts';

/**
 * What each kind of run has to keep, for the built-in engine and for k6. Times fit a stack on two
 * cores that also carry the load generator; tighten them for your own hardware.
 */
export const SLOS = {
  connect: { connectP99Ms: 1_500 },
  delivery: { connectP99Ms: 1_500, deliveryP50Ms: 100, deliveryP99Ms: 500 },
  /** Healthy sockets do not notice the stalled ones, and the tier holds little for those. */
  'slow-readers': {
    connectP99Ms: 1_500,
    deliveryP99Ms: 1_000,
    stalledBacklogKiBMax: 6_144,
    tierGrowthMiBMax: 192,
  },
  /** A node dies: its sockets come back on the others and miss nothing. */
  reconnect: {
    connectP99Ms: 1_500,
    reconnectP99Ms: 8_000,
    deliveryP99Ms: 15_000,
    errorShareMax: 0.9,
  },
  saga: { connectP99Ms: 1_500, acceptP99Ms: 1_000, sagaP50Ms: 2_000, sagaP99Ms: 6_000 },
} as const satisfies Record<string, SloInput>;
