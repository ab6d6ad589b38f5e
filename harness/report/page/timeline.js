import { duration, elasticAxis } from './axis.js';
import { shape } from './dom.js';

const NAMES_PX = 152;
const LANE_PX = 46;
const TOP_PX = 30;
const MARGIN_PX = 40;
const TICK_PX = 110;

/** The shape of each kind of event. */
const MARKS = {
  operation: (x, y) => shape('rect', { x: x - 9, y: y - 6, width: 18, height: 12, rx: 6 }),
  stored: (x, y) => shape('rect', { x: x - 5.5, y: y - 5.5, width: 11, height: 11, rx: 1.5 }),
  command: (x, y) => shape('path', { d: `M${x - 6} ${y - 7}L${x + 8} ${y}L${x - 6} ${y + 7}Z` }),
  event: (x, y) => shape('circle', { cx: x, cy: y, r: 6.5 }),
  update: (x, y) =>
    shape('path', { d: `M${x} ${y - 8}L${x + 8} ${y}L${x} ${y + 8}L${x - 8} ${y}Z` }),
  frame: (x, y) => shape('path', { d: `M${x - 8} ${y - 6}H${x + 8}L${x} ${y + 8}Z` }),
  socket: (x, y) => shape('circle', { cx: x, cy: y, r: 4.5, class: 'hollow' }),
  process: (x, y) =>
    shape('path', {
      d: `M${x - 6} ${y - 6}L${x + 6} ${y + 6}M${x + 6} ${y - 6}L${x - 6} ${y + 6}`,
    }),
  fault: (x, y) =>
    shape('path', {
      d: `M${x + 2} ${y - 9}L${x - 6} ${y + 2}H${x - 1}L${x - 2} ${y + 9}L${x + 6} ${y - 2}H${x + 1}Z`,
    }),
};

/** Marks that are drawn as bars as long as the event lasted. */
const BARS = new Set(['span', 'wire']);
export const isBar = ({ mark }) => BARS.has(mark);

const OUTCOMES = {
  OrderPlaced: 'placed',
  OrderApproved: 'approved',
  OrderRejected: 'rejected',
  OrderCancelled: 'cancelled',
  OrderCancellationRequested: 'cancel?',
  OrderCancellationRefused: 'refused',
  SagaCompensationStarted: 'undo',
};

/** Marks and their labels in the legend. */
export const LEGEND = [
  ['operation', 'request, response'],
  ['stored', 'stored event'],
  ['command', 'command'],
  ['event', 'event'],
  ['update', 'job update'],
  ['frame', 'WebSocket frame'],
  ['socket', 'socket opened, closed'],
  ['fault', 'fault'],
];

/** The mark alone, for a legend. */
export function markIcon(mark) {
  const icon = shape('svg', { width: 20, height: 18, 'aria-hidden': 'true' });
  const drawn = MARKS[mark](10, 9);
  drawn.setAttribute('fill', 'currentColor');
  icon.append(drawn);
  return icon;
}

/**
 * Draws a job's timeline.
 *
 * @param job with its events in order
 * @param options.lanes names of the lanes
 * @param options.witnesses indexes of events that prove a violation
 * @param options.onChoose called with an event when its mark is clicked
 */
export function drawTimeline(job, { lanes, witnesses, onChoose }) {
  const points = job.events.filter((event) => !isBar(event));
  const axis = elasticAxis(points, MARGIN_PX);
  const width = axis.endPx + MARGIN_PX;
  const height = TOP_PX + lanes.length * LANE_PX + 10;
  const yOf = (lane) => TOP_PX + lane * LANE_PX + LANE_PX / 2;
  const svg = shape('svg', {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': `Timeline of job ${job.jobId}: ${points.length} events; also listed below.`,
  });
  drawPauses(svg, axis.waits, height);
  drawTicks(svg, points, axis.xs, height);
  for (const lane of lanes.keys()) {
    const y = yOf(lane);
    svg.append(shape('line', { class: 'lane-line', x1: 0, x2: width, y1: y, y2: y }));
  }
  const place = new Map(
    points.map((event, at) => [event.index, { x: axis.xs[at], y: yOf(event.lane) }]),
  );
  const threads = drawThreads(svg, points, place);
  for (const span of job.events.filter(isBar)) {
    drawSpan(svg, span, axis, yOf, onChoose);
  }
  for (const event of points) drawMark(svg, event, place.get(event.index), { witnesses, onChoose });
  const ring = shape('circle', { class: 'chosen', r: 12, visibility: 'hidden' });
  svg.append(ring);
  return {
    svg,
    names: drawNames(lanes, height, yOf),
    highlight: (index) => highlight(index, { place, threads, ring }),
  };
}

function drawPauses(svg, waits, height) {
  for (const { from, to, waitMs } of waits) {
    const middle = (from + to) / 2;
    svg.append(
      shape('rect', {
        class: 'pause',
        x: from + 8,
        y: TOP_PX,
        width: Math.max(0, to - from - 16),
        height: height - TOP_PX - 10,
      }),
      shape(
        'text',
        { class: 'tick', x: middle, y: height - 1, 'text-anchor': 'middle' },
        duration(waitMs),
      ),
    );
  }
}

function drawTicks(svg, points, xs, height) {
  let last = Number.NEGATIVE_INFINITY;
  const beganMs = points[0]?.ms ?? 0;
  for (const [at, x] of xs.entries()) {
    if (x - last < TICK_PX) continue;
    last = x;
    svg.append(
      shape('line', { class: 'tick-line', x1: x, x2: x, y1: TOP_PX - 6, y2: height - 12 }),
      shape('text', { class: 'tick', x: x + 3, y: 16 }, `+${duration(points[at].ms - beganMs)}`),
    );
  }
}

/** Draws the names of lanes, which stay in place while the timeline scrolls. */
function drawNames(lanes, height, yOf) {
  const names = shape('svg', { width: NAMES_PX, height, 'aria-hidden': 'true' });
  for (const [lane, name] of lanes.entries()) {
    const y = yOf(lane);
    names.append(
      shape('rect', { x: 20, y: y - 6, width: 4, height: 12, rx: 2, fill: `var(--lane-${lane})` }),
      shape('text', { class: 'lane-name', x: 32, y: y + 4 }, name),
    );
  }
  return names;
}

/** Draws a curve from each cause to its effect. */
function drawThreads(svg, points, place) {
  const threads = [];
  for (const event of points) {
    const to = place.get(event.index);
    for (const cause of event.causes) {
      const from = place.get(cause);
      if (from === undefined) continue;
      const bend = Math.max(14, (to.x - from.x) / 2);
      const d = `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
      const line = shape('path', { class: 'thread', d });
      svg.append(line);
      threads.push({ line, cause, effect: event.index });
    }
  }
  return threads;
}

function drawSpan(svg, span, axis, yOf, onChoose) {
  const from = axis.xOf(span.ms);
  const to = Math.max(from + 2, axis.xOf(span.ms + span.lastsMs));
  const bar = shape(
    'rect',
    {
      class: 'span',
      x: from,
      y: yOf(span.lane) + 13,
      width: to - from,
      height: 3,
      rx: 1.5,
      fill: `var(--lane-${span.lane})`,
    },
    shape('title', {}, `${span.label} (${duration(span.lastsMs)})`),
  );
  bar.addEventListener('click', () => onChoose(span));
  svg.append(bar);
}

function drawMark(svg, event, { x, y }, { witnesses, onChoose }) {
  if (witnesses.has(event.index))
    svg.append(shape('circle', { class: 'halo', cx: x, cy: y, r: 13 }));
  const drawn = (MARKS[event.mark] ?? MARKS.event)(x, y);
  drawn.classList.add('mark');
  if (event.bad) drawn.classList.add('bad');
  drawn.style.color = `var(--lane-${event.lane})`;
  drawn.setAttribute('fill', `var(--lane-${event.lane})`);
  drawn.append(shape('title', {}, `${event.label} · event ${event.index}`));
  drawn.addEventListener('click', () => onChoose(event));
  svg.append(drawn);
  const isWitness = witnesses.has(event.index);
  const flag = flagOf(event, isWitness);
  if (flag) {
    const kind = isWitness || event.bad ? 'flag bad' : 'flag';
    svg.append(shape('text', { class: kind, x, y: y - 16, 'text-anchor': 'middle' }, flag));
  }
}

/** A label next to the mark, for the main events of a saga. */
function flagOf({ mark, label, bad }, isWitness) {
  // `POST /v1/orders` and `ok 202`: the method, and the status.
  if (mark === 'operation') return /^[A-Z]+(?= )|\d{3}/.exec(label)?.[0];
  if (mark === 'event') return OUTCOMES[label] ?? (isWitness || bad ? label : undefined);
  return undefined;
}

/** Highlights an event, its causes and its effects; returns its position. */
function highlight(index, { place, threads, ring }) {
  for (const { line, cause, effect } of threads) {
    line.classList.toggle('lit', cause === index || effect === index);
  }
  const at = place.get(index);
  ring.setAttribute('visibility', at ? 'visible' : 'hidden');
  if (at) {
    ring.setAttribute('cx', at.x);
    ring.setAttribute('cy', at.y);
  }
  return at;
}
