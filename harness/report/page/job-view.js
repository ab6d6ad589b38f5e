import { duration } from './axis.js';
import { element, jsonView } from './dom.js';
import { drawTimeline, isBar, LEGEND, markIcon } from './timeline.js';

const SAGAS = { PLACE_ORDER: 'Place order', CANCEL_ORDER: 'Cancel order' };

/** The title of a job. */
export const titleOf = (job) => SAGAS[job.saga] ?? 'Job without an acknowledged command';

/**
 * Shows one job: its timeline, its events in order, and the details of the selected event.
 *
 * @param host the element to fill
 * @param options.chosen index of the event to select first
 */
export function showJob(host, job, { lanes, violations, chosen }) {
  const mine = violations.filter((violation) =>
    job.violations.some(
      (one) => one.invariant === violation.invariant && one.place === violation.place,
    ),
  );
  const witnesses = new Set(mine.flatMap((violation) => violation.witness));
  const details = element('div', { class: 'details', 'aria-live': 'polite' });
  const rows = new Map();
  const events = [...job.events, ...job.end];
  let current = -1;
  const choose = (event) => {
    rows.get(current)?.setAttribute('aria-selected', 'false');
    current = event.index;
    const row = rows.get(current);
    row?.setAttribute('aria-selected', 'true');
    // Scroll the lists, not the page.
    if (row)
      transcript.scrollTop = row.offsetTop - transcript.offsetTop - transcript.clientHeight / 2;
    const at = timeline.highlight(current);
    if (at) reel.scrollLeft = at.x - reel.clientWidth / 2;
    showDetails(details, event, lanes);
    history.replaceState(null, '', `#job=${job.jobId}&event=${event.index}`);
  };
  const timeline = drawTimeline(job, { lanes, witnesses, onChoose: choose });
  const reel = element(
    'div',
    { class: 'reel', tabindex: '0', 'aria-label': 'Timeline; use the arrow keys to move' },
    timeline.svg,
  );
  const stage = element('div', { class: 'stage' }, timeline.names, reel);
  const transcript = transcriptOf(job, { lanes, witnesses, rows, choose });
  const walk = (key) => walkOn(key, events, current, choose);
  for (const walked of [reel, transcript]) {
    walked.addEventListener('keydown', (pressed) => {
      if (walk(pressed.key)) pressed.preventDefault();
    });
  }
  host.replaceChildren(
    element(
      'h3',
      {},
      `${titleOf(job)}: ${job.state.toLowerCase() || 'unknown'}${job.reason ? `, ${job.reason}` : ''}`,
    ),
    idsOf(job),
    ...mine.map(({ invariant, message }) =>
      element('p', { class: 'violation' }, `${invariant}: ${message}`),
    ),
    stage,
    legend(),
    element('div', { class: 'record' }, transcript, details),
  );
  const first =
    events.find(({ index }) => index === chosen) ??
    events.find(({ index }) => witnesses.has(index)) ??
    events[0];
  if (first) choose(first);
}

function idsOf(job) {
  const of = (name, value) => element('span', {}, `${name} ${value}`);
  return element(
    'div',
    { class: 'ids' },
    of('job', job.jobId),
    of('order', job.orderId || '?'),
    of('user', job.userId || '?'),
    of('scenario', job.scenario || '?'),
    of('duration', duration(job.lastsMs)),
  );
}

const legend = () =>
  element(
    'div',
    { class: 'legend' },
    ...LEGEND.map(([mark, words]) => element('span', {}, markIcon(mark), words)),
    element('span', {}, 'thin bar: span; red outline: failure or refusal'),
  );

function transcriptOf(job, { lanes, witnesses, rows, choose }) {
  const list = element('ol', {
    class: 'transcript',
    role: 'listbox',
    tabindex: '0',
    'aria-label': 'Events of the job',
  });
  const beganMs = job.events[0]?.ms ?? 0;
  const add = (event, time) => {
    const row = element(
      'li',
      {
        role: 'option',
        'aria-selected': 'false',
        class: witnesses.has(event.index) ? 'witness' : '',
      },
      element('time', {}, time),
      element('span', { style: `color: var(--lane-${event.lane})` }, lanes[event.lane]),
      element(
        'span',
        { class: event.bad ? 'bad' : '' },
        isBar(event) ? `${event.mark} ${event.label}` : event.label,
      ),
      element('span', { class: 'index' }, `#${event.index}`),
    );
    row.addEventListener('click', () => choose(event));
    rows.set(event.index, row);
    list.append(row);
  };
  for (const event of job.events) add(event, `+${duration(event.ms - beganMs)}`);
  if (job.end.length > 0)
    list.append(
      element('li', { class: 'chapter', role: 'presentation' }, 'State at the end of the run'),
    );
  for (const event of job.end) add(event, '');
  return list;
}

/** Arrow keys move in time; page keys move to the next event of the same lane. */
function walkOn(key, events, current, choose) {
  const at = events.findIndex(({ index }) => index === current);
  const lane = events[at]?.lane;
  const to = {
    ArrowRight: () => events[at + 1],
    ArrowDown: () => events[at + 1],
    ArrowLeft: () => events[at - 1],
    ArrowUp: () => events[at - 1],
    PageDown: () => events.slice(at + 1).find((event) => event.lane === lane),
    PageUp: () => events.slice(0, Math.max(at, 0)).findLast((event) => event.lane === lane),
    Home: () => events[0],
    End: () => events.at(-1),
  }[key];
  if (to === undefined) return false;
  const next = to();
  if (next !== undefined) choose(next);
  return true;
}

/** Shows everything that the history has about one event. */
export function showDetails(host, event, lanes) {
  host.replaceChildren(
    element('b', {}, event.label || event.mark),
    element(
      'div',
      { class: 'ids' },
      `event ${event.index} · ${event.mark} · ${lanes[event.lane]} · ${duration(event.ms)} after the start of the run`,
    ),
    jsonView(event.detail),
  );
}
