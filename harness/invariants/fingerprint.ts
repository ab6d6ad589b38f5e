/**
 * A 32-bit number that tells whether two values say the same, without keeping them. Long strings
 * are sampled: at most this many of their last characters count, where ids and numbers differ.
 */
const SAMPLE_CHARACTERS = 16;

/** Fingerprint of a JSON value; the order of an object's keys counts, as one decoder wrote both. */
export function fingerprint(value: unknown): number {
  return mix(0x2545f491, value);
}

function mix(seed: number, value: unknown): number {
  switch (typeof value) {
    case 'string':
      return mixString(seed, value);
    case 'number':
      return Math.imul(seed ^ (value | 0), 0x01000193) ^ ((value / 0x100000000) | 0);
    case 'boolean':
      return Math.imul(seed ^ (value ? 3 : 5), 0x01000193);
    case 'object':
      return value === null ? Math.imul(seed ^ 7, 0x01000193) : mixObject(seed, value);
    default:
      return seed;
  }
}

function mixString(seed: number, value: string): number {
  let hash = Math.imul(seed ^ value.length, 0x01000193);
  for (let at = Math.max(0, value.length - SAMPLE_CHARACTERS); at < value.length; at++) {
    hash = Math.imul(hash ^ value.charCodeAt(at), 0x01000193);
  }
  return hash;
}

function mixObject(seed: number, value: object): number {
  if (Array.isArray(value)) {
    let hash = Math.imul(seed ^ value.length, 0x5bd1e995);
    for (const item of value) hash = mix(hash, item);
    return hash;
  }
  let hash = seed;
  for (const key in value) hash = mix(hash, (value as Record<string, unknown>)[key]);
  return Math.imul(hash, 0x5bd1e995);
}
