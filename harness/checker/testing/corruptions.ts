import type { HistoryEvent } from '../../history/event.ts';

/** What {@link Corruption.how} says of a field that is absent. */
export const LEFT_OUT = 'been left out';

type Json = Readonly<Record<string, unknown>>;

/** One field of one event, and how its content can be wrong. */
export interface Corruption {
  readonly index: number;
  /** What kind of record it is, as `order.events OrderPlaced` or `state card`. */
  readonly record: string;
  /** The path of the field, as `value.payload.total.minorUnits`; items of lists share one path. */
  readonly field: string;
  readonly how: string;
  readonly apply: () => HistoryEvent[];
}

/** What kind of record an event is, in the words of the tests. */
export function recordOf(event: HistoryEvent): string {
  switch (event.type) {
    case 'kafka': {
      const { payload, kind } = (event.value ?? {}) as {
        payload?: { type: string };
        kind?: string;
      };
      return `${event.topic} ${payload?.type ?? kind ?? ''}`.trim();
    }
    case 'state':
      return `state ${event.kind}`;
    case 'ws':
      return `ws ${event.what} ${String(event.message?.['type'] ?? '')}`.trim();
    case 'invoke':
    case 'ok':
    case 'fail':
    case 'info':
      return `${event.type} ${event.name}`;
    case 'eventstore':
      return `eventstore ${event.eventType}`;
    default:
      return event.type;
  }
}

/** Every way to corrupt one field of one event of a history. */
export function* corruptionsOf(events: readonly HistoryEvent[]): Generator<Corruption> {
  for (const event of events) {
    for (const { path, value } of leavesOf(event, [])) {
      const field = path.filter((key) => !/^\d+$/.test(key)).join('.');
      for (const [how, wrong] of wrongValues(field, value)) {
        const apply = () => {
          const corrupted = structuredClone(event);
          set(corrupted as unknown as Record<string, unknown>, path, wrong);
          return events.map((one) => (one === event ? corrupted : one));
        };
        yield { index: event.index, record: recordOf(event), field, how, apply };
      }
    }
  }
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

function* leavesOf(value: unknown, path: readonly string[]): Generator<Leaf> {
  if (typeof value !== 'object' || value === null) {
    yield { path, value };
    return;
  }
  for (const [key, item] of Object.entries(value as Json)) yield* leavesOf(item, [...path, key]);
}

/** Values of the field's own type that are not what it had; `undefined` leaves the field out. */
function* wrongValues(path: string, value: unknown): Generator<readonly [string, unknown]> {
  switch (typeof value) {
    case 'string': {
      const middle = value.length >> 1;
      const places = new Set([0, middle, value.length - 1]);
      for (const place of places) {
        const put = value[place] === 'x' ? 'y' : 'x';
        yield [`another character ${place}`, value.slice(0, place) + put + value.slice(place + 1)];
      }
      break;
    }
    case 'number':
      yield ['one more', value + 1];
      yield ['one less', value - 1];
      yield ['a fraction more', value + 0.5];
      break;
    case 'boolean':
      yield ['the opposite', !value];
      break;
  }
  // The reader of a history and the decoder of Avro accept no event without its other fields.
  if (OPTIONAL.test(path)) yield [LEFT_OUT, undefined];
}

const OPTIONAL = /^(?:headers|message|response)\./;

function set(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], to: unknown) {
  if (rest.length > 0) set(target[key] as Record<string, unknown>, rest, to);
  else if (to === undefined) delete target[key];
  else target[key] = to;
}
