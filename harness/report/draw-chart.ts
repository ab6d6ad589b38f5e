/** Lines over time as an SVG that needs no script. */

export interface ChartLine {
  readonly name: string;
  /** Seconds and value, in the order of time. */
  readonly points: ReadonlyArray<readonly [number, number]>;
}

export interface Chart {
  readonly unit: string;
  readonly lines: readonly ChartLine[];
  /** The seconds that the axis shows, so that charts of one run have the same. */
  readonly until: number;
  /** What happened at a time. */
  readonly marks: ReadonlyArray<{ readonly at: number; readonly text: string }>;
}

const WIDTH = 720;
const HEIGHT = 190;
const LEFT = 58;
const RIGHT = 10;
const TOP = 26;
const BOTTOM = 24;
const TICKS_Y = 4;
const TICKS_X = 6;

/** A round number from this one on: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const short = (value: number): string =>
  value >= 1_000
    ? `${Number((value / 1_000).toPrecision(3))}k`
    : String(Number(value.toPrecision(3)));

/** Draws a chart; its colours come from the page. */
export function drawChart({ unit, lines, marks, until }: Chart): string {
  const all = lines.flatMap(({ points }) => points);
  const top = roundUp(Math.max(0, ...all.map(([, value]) => value)));
  const end = Math.max(1, until);
  const x = (at: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * Math.max(0, at)) / end;
  const y = (value: number): number => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / top;
  const grid = Array.from({ length: TICKS_Y + 1 }, (_, tick) => {
    const value = (top * tick) / TICKS_Y;
    const at = y(value).toFixed(1);
    return (
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>` +
      `<text class="tick" x="${LEFT - 6}" y="${at}" dy="4" text-anchor="end">${short(value)}</text>`
    );
  });
  const step = roundUp(end / TICKS_X);
  const times = Array.from({ length: Math.floor(end / step) + 1 }, (_, tick) => {
    const at = x(tick * step).toFixed(1);
    return `<text class="tick" x="${at}" y="${HEIGHT - 6}" text-anchor="middle">${short(tick * step)} s</text>`;
  });
  const events = marks.map(({ at, text }) => {
    const place = x(at).toFixed(1);
    // Near the right edge a text has no room but to the left of its line.
    const side = at > end * 0.8 ? 'dx="-4" text-anchor="end"' : 'dx="4"';
    return (
      `<line class="event" x1="${place}" x2="${place}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>` +
      `<text class="event" x="${place}" y="${TOP + 10}" ${side}>${escaped(text)}</text>`
    );
  });
  const drawn = lines.map(({ points }, series) => {
    const path = points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
    return `<polyline class="series-${series}" points="${path.join(' ')}"/>`;
  });
  const legend = lines.map(
    ({ name }, series) =>
      `<text class="series-${series}" x="${LEFT + series * 90}" y="14">${escaped(name)}</text>`,
  );
  const words = `<text class="tick" x="${WIDTH - RIGHT}" y="14" text-anchor="end">${escaped(unit)}</text>`;
  const parts = [...grid, ...times, ...events, ...drawn, ...legend, words];
  const label = escaped(`${lines.map(({ name }) => name).join(', ')} (${unit}) over time`);
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${parts.join('')}</svg>`;
}
