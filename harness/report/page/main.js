import { duration } from './axis.js';
import { element } from './dom.js';
import { showDetails, showJob, titleOf } from './job-view.js';

const byId = (id) => document.getElementById(id);

/** Reads the page's data: compressed JSON in base64. */
async function load() {
  const bytes = Uint8Array.from(atob(byId('data').textContent.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

function matches(job, { text, scenario, state }) {
  if (scenario !== '' && job.scenario !== scenario) return false;
  if (state === 'violations' && job.violations.length === 0) return false;
  if (state === 'other' && (job.state === 'SUCCEEDED' || job.state === 'FAILED')) return false;
  if ((state === 'SUCCEEDED' || state === 'FAILED') && job.state !== state) return false;
  if (text === '') return true;
  const words = [job.jobId, job.orderId, job.userId, job.reason, job.scenario]
    .join(' ')
    .toLowerCase();
  return words.includes(text.toLowerCase());
}

function rowOf(job) {
  const state = job.state === 'SUCCEEDED' || job.state === 'FAILED' ? job.state : 'other';
  return element(
    'li',
    {
      id: `row-${job.jobId}`,
      role: 'option',
      'aria-selected': 'false',
      class: job.violations.length > 0 ? 'violating' : '',
    },
    element(
      'div',
      { class: 'what' },
      element('span', {}, titleOf(job)),
      element('span', { class: `state-${state}` }, job.state.toLowerCase() || 'unknown'),
    ),
    element('div', { class: 'who' }, `${job.scenario || 'no scenario'} · ${duration(job.lastsMs)}`),
    element('div', { class: 'who' }, job.reason || job.jobId),
  );
}

function explorer(data) {
  const list = byId('job-list');
  const host = byId('job');
  const rows = new Map();
  let shown = [];
  let current;
  for (const job of data.jobs) {
    const row = rowOf(job);
    row.addEventListener('click', () => choose(job));
    rows.set(job, row);
  }
  const choose = (job, chosen) => {
    rows.get(current)?.setAttribute('aria-selected', 'false');
    current = job;
    const row = rows.get(job);
    row.setAttribute('aria-selected', 'true');
    list.setAttribute('aria-activedescendant', row.id);
    list.scrollTop = Math.max(0, row.offsetTop - list.offsetTop - list.clientHeight / 2);
    showJob(host, job, { ...data, chosen });
  };
  const filter = () => {
    const wanted = {
      text: byId('search').value.trim(),
      scenario: byId('by-scenario').value,
      state: byId('by-state').value,
    };
    shown = data.jobs.filter((job) => matches(job, wanted));
    list.replaceChildren(...shown.map((job) => rows.get(job)));
    const held =
      data.jobs.length < data.jobsInAll
        ? `, of ${data.jobsInAll} in all; violations and failures first`
        : '';
    byId('jobs-count').textContent = `${shown.length} of ${data.jobs.length}${held}`;
    if (shown.length === 0)
      host.replaceChildren(element('p', { class: 'nothing' }, 'No job matches.'));
    else if (!shown.includes(current)) choose(shown[0]);
  };
  list.addEventListener('keydown', (pressed) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[pressed.key];
    if (step === undefined) return;
    pressed.preventDefault();
    const next = shown[shown.indexOf(current) + step];
    if (next) choose(next);
  });
  return { choose, filter };
}

/** Shows an event of a violation, in its job or, without one, alone. */
function pointAt(data, explore, index, named) {
  const has = (job) => job.events.concat(job.end).some((event) => event.index === index);
  const violating = data.jobs.filter((job) =>
    job.violations.some((one) => one.invariant === named.invariant && one.place === named.place),
  );
  const job = violating.find(has) ?? data.jobs.find(has);
  byId('jobs').scrollIntoView();
  if (job) {
    explore.choose(job, index);
    return;
  }
  const event = data.elsewhere.find((one) => one.index === index);
  const details = element('div', { class: 'details' });
  if (event) showDetails(details, event, data.lanes);
  else details.append(`Event ${index} is line ${index + 1} of history.jsonl.`);
  byId('job').replaceChildren(element('h3', {}, 'Not part of a listed job'), details);
}

function themes() {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const wanted = new URLSearchParams(location.hash.slice(1)).get('theme');
  if (wanted === 'dark' || wanted === 'light') root.dataset.theme = wanted;
  byId('theme').addEventListener('click', () => {
    const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
  });
}

async function begin() {
  themes();
  const asked = new URLSearchParams(location.hash.slice(1));
  // `#view=job` shows one job without the rest of the page, for pictures.
  if (asked.get('view') === 'job') document.body.dataset.view = 'job';
  const data = await load();
  for (const name of [...new Set(data.jobs.map((job) => job.scenario))].filter(Boolean).sort()) {
    byId('by-scenario').append(element('option', { value: name }, name));
  }
  const explore = explorer(data);
  for (const id of ['search', 'by-scenario', 'by-state'])
    byId(id).addEventListener('input', explore.filter);
  const wanted = data.jobs.find((job) => job.jobId === asked.get('job'));
  if (wanted) explore.choose(wanted, Number(asked.get('event') ?? Number.NaN));
  explore.filter();
  for (const link of document.querySelectorAll('.event-link')) {
    const { event, invariant, place } = link.dataset;
    link.addEventListener('click', () =>
      pointAt(data, explore, Number(event), { invariant, place: Number(place) }),
    );
  }
  for (const link of document.querySelectorAll('.scenario-link')) {
    link.addEventListener('click', () => {
      byId('by-scenario').value = link.dataset.scenario;
      explore.filter();
      byId('jobs').scrollIntoView();
    });
  }
}

begin().catch((error) => {
  byId('job').replaceChildren(`Cannot show the jobs: ${error.message}`);
});
