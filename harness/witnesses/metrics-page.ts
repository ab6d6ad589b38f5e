import type { EventOf } from '../history/event-schema.ts';

type Metrics = Pick<EventOf<'metrics'>, 'counters' | 'gauges' | 'histograms' | 'left'>;

/** What a runtime adds about itself is not kept, except for these standard names. */
const RUNTIME = /^(?:process|nodejs|go|python|jvm|dotnet|promhttp|scrape)_/;
const KEPT_OF_RUNTIME = new Set([
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_open_fds',
  'nodejs_heap_size_used_bytes',
  'nodejs_active_resources_total',
]);
/** Labels that each series of an instance has. */
const COMMON_LABELS = new Set(['service', 'instance', 'job']);
/** A service has far fewer; a history stays small where one has more. */
const SERIES_MAX = 600;

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

interface Histogram {
  upTo: string[];
  buckets: number[];
  count: number;
  sum: number;
}

/** Reads a page in the text format of Prometheus. Lines that it does not know are left out. */
export function readMetrics(page: string): Metrics {
  const types = new Map<string, string>();
  const counters: Record<string, number> = {};
  const gauges: Record<string, number> = {};
  const histograms: Record<string, Histogram> = {};
  const known = new Set<string>();
  let left = 0;
  const isKept = (key: string): boolean => {
    if (!known.has(key) && known.size >= SERIES_MAX) {
      left++;
      return false;
    }
    known.add(key);
    return true;
  };
  for (const line of page.split('\n')) {
    const [, typed, type] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) types.set(typed, type);
    const [, name = '', labelText = '', text = ''] = LINE.exec(line) ?? [];
    if (name === '' || (RUNTIME.test(name) && !KEPT_OF_RUNTIME.has(name))) continue;
    const labels = [...labelText.matchAll(LABEL)].filter(([, label = '']) => !isCommon(label));
    const { family, part } = partOf(name, types);
    if (part === undefined) {
      const key = keyOf(name, labels);
      // OpenMetrics types a counter by its name without `_total`.
      const isCounter = types.get(name) === 'counter' || types.get(baseOf(name)) === 'counter';
      if (isKept(key)) (isCounter ? counters : gauges)[key] = Number(text);
      continue;
    }
    const own = labels.filter(([, label]) => label !== 'le');
    const key = keyOf(family, own);
    if (!isKept(key)) continue;
    histograms[key] ??= { upTo: [], buckets: [], count: 0, sum: 0 };
    const histogram = histograms[key];
    if (part === 'bucket') {
      histogram.upTo.push(labels.find(([, label]) => label === 'le')?.[2] ?? '');
      histogram.buckets.push(Number(text));
    } else {
      histogram[part] = Number(text);
    }
  }
  return { counters, gauges, histograms, ...(left === 0 ? {} : { left }) };
}

const isCommon = (label: string): boolean => COMMON_LABELS.has(label);

const baseOf = (name: string): string => name.replace(/_total$/, '');

const keyOf = (name: string, labels: ReadonlyArray<RegExpMatchArray>): string =>
  labels.length === 0 ? name : `${name}{${labels.map(([text]) => text).join(',')}}`;

/** Which part of a histogram a series is, if it is of one. */
function partOf(
  name: string,
  types: ReadonlyMap<string, string>,
): { family: string; part?: 'bucket' | 'count' | 'sum' } {
  const [, family = '', part] = /^(.*)_(bucket|count|sum)$/.exec(name) ?? [];
  return types.get(family) === 'histogram'
    ? { family, part: part as 'bucket' | 'count' | 'sum' }
    : { family: name };
}
