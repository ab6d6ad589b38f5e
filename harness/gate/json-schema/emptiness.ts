import { isJson, type Node } from './document.ts';
import type { Bound, Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import { merged } from './merge.ts';
import { excludesPattern, matchesText } from './patterns.ts';

const DEPTH_MAX = 4;
/** A string of one of these formats is of none of the others. */
const EXCLUSIVE = new Set(['uuid', 'date', 'date-time', 'email', 'ipv4', 'ipv6', 'duration']);

/** Whether the other schema provably accepts nothing of what the sender sends. */
export const isDisjoint = (sender: Flat, other: Flat): boolean =>
  // A sender sends the properties that its schema names, and others where it describes them.
  (!isJson(sender.additional?.json) &&
    isObject(sender) &&
    [...other.required].some((name) => !sender.properties.has(name))) ||
  isEmpty(merged(sender, other), 0);

const isObject = ({ types }: Flat): boolean => types?.size === 1 && types.has('object');

function isEmpty(flat: Flat, depth: number): boolean {
  if (flat.never) return true;
  if (flat.values?.every((value) => isOutside(value, flat))) return true;
  if (depth > DEPTH_MAX || flat.types?.size !== 1) return false;
  const [type] = flat.types;
  if (type === 'object') {
    return [...flat.required].some((name) => {
      const property = flat.properties.get(name) ?? flat.additional;
      return property !== undefined && isEmptyNode(property, depth);
    });
  }
  return hasCrossedLimits(flat) || (type === 'string' && hasExcludingTexts(flat));
}

/** Whether a value of a closed set is beyond the limits next to it. */
function isOutside(value: unknown, { bounds, patterns }: Flat): boolean {
  const within = (size: number, [least, most]: readonly [Bound, Bound]): boolean =>
    size >= (bounds.get(least) ?? size) && size <= (bounds.get(most) ?? size);
  if (typeof value === 'number') {
    const [above, below] = [bounds.get('exclusiveMinimum'), bounds.get('exclusiveMaximum')];
    const isExcluded = value <= (above ?? value - 1) || value >= (below ?? value + 1);
    return isExcluded || !within(value, ['minimum', 'maximum']);
  }
  if (typeof value !== 'string') return false;
  const length = [...value].length;
  return (
    !within(length, ['minLength', 'maxLength']) ||
    [...patterns].some((pattern) => !matchesText(pattern, value))
  );
}

const isEmptyNode = (node: Node, depth: number): boolean => isEmpty(flatten(node), depth + 1);

const LIMITS: ReadonlyArray<readonly [Bound, Bound, 'touching' | 'crossed']> = [
  ['minimum', 'maximum', 'crossed'],
  ['minimum', 'exclusiveMaximum', 'touching'],
  ['exclusiveMinimum', 'maximum', 'touching'],
  ['exclusiveMinimum', 'exclusiveMaximum', 'touching'],
  ['minLength', 'maxLength', 'crossed'],
  ['minItems', 'maxItems', 'crossed'],
];

const hasCrossedLimits = ({ bounds }: Flat): boolean =>
  LIMITS.some(([lower, upper, when]) => {
    const [least, most] = [bounds.get(lower), bounds.get(upper)];
    if (least === undefined || most === undefined) return false;
    return when === 'touching' ? least >= most : least > most;
  });

function hasExcludingTexts({ formats, patterns }: Flat): boolean {
  if ([...formats].filter((format) => EXCLUSIVE.has(format)).length > 1) return true;
  const all = [...patterns];
  return all.some((one, index) =>
    all.slice(index + 1).some((other) => excludesPattern(one, other)),
  );
}
