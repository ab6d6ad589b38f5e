/**
 * An elastic time axis: events never overlap, longer waits are wider, and a very long wait does not
 * compress the rest.
 */

/** Minimum distance of two events in one lane, so that both are visible and clickable. */
const SAME_LANE_PX = 17;
/** Minimum distance of simultaneous events in different lanes. */
const OTHER_LANE_PX = 5;
/** Width that a doubled wait adds, and the maximum width of a wait. */
const DOUBLING_PX = 7;
const WAIT_PX_MAX = 92;
/** Waits of at least this length are labelled. */
const NAMED_WAIT_MS = 40;

/**
 * Places events along the axis.
 *
 * @param events with `ms` and `lane`, in order of `ms`
 * @param startPx x of the first event
 * @returns each event's x, the labelled waits, the width, and a function from time to x
 */
export function elasticAxis(events, startPx) {
  const xs = [];
  const waits = [];
  const lastOfLane = new Map();
  let x = startPx;
  let before;
  for (const { ms, lane } of events) {
    if (before !== undefined) {
      const waitMs = ms - before;
      const from = x;
      x += Math.min(WAIT_PX_MAX, OTHER_LANE_PX + DOUBLING_PX * Math.log2(1 + waitMs));
      if (waitMs >= NAMED_WAIT_MS) waits.push({ from, to: x, waitMs });
    }
    const occupied = lastOfLane.get(lane);
    if (occupied !== undefined) x = Math.max(x, occupied + SAME_LANE_PX);
    lastOfLane.set(lane, x);
    xs.push(x);
    before = ms;
  }
  return { xs, waits, endPx: x, xOf: (ms) => interpolate(events, xs, ms) };
}

/** The x of any time, between the events around it. */
function interpolate(events, xs, ms) {
  if (events.length === 0) return 0;
  let low = 0;
  let high = events.length - 1;
  if (ms <= events[0].ms) return xs[0];
  if (ms >= events[high].ms) return xs[high];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (events[middle].ms <= ms) low = middle;
    else high = middle;
  }
  const span = events[high].ms - events[low].ms;
  const share = span === 0 ? 0 : (ms - events[low].ms) / span;
  return xs[low] + share * (xs[high] - xs[low]);
}

/** Formats a duration for people. */
export function duration(ms) {
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}
