import { createHash } from 'node:crypto';
import { type DescMessage, fromBinary } from '@bufbuild/protobuf';

/** Bytes that are no message of a type. */
export interface Garbage {
  readonly what: string;
  readonly bytes: Uint8Array;
}

const RANDOM_CASES = 3;
const RANDOM_TRIES_MAX = 100;

/** What a parser of any language has to refuse, and random bytes that ours refuses, by a seed. */
export function garbageFor(type: DescMessage, seed: string): readonly Garbage[] {
  const fixed: Garbage[] = [
    // Field 1 with a length that goes beyond the end.
    { what: 'a length beyond the end', bytes: Uint8Array.of(0x0a, 0xff, 0xff, 0x03, 0x61) },
    { what: 'a tag that is cut off', bytes: Uint8Array.of(0xff) },
    { what: 'a wire type that does not exist', bytes: Uint8Array.of(0x0f, 0x00) },
    { what: 'a number that does not end', bytes: new Uint8Array(16).fill(0xff) },
    { what: 'field number zero', bytes: Uint8Array.of(0x02, 0x01, 0x61) },
  ];
  return [...fixed, ...randomGarbage(type, seed)];
}

function randomGarbage(type: DescMessage, seed: string): Garbage[] {
  const found: Garbage[] = [];
  for (let n = 0; n < RANDOM_TRIES_MAX && found.length < RANDOM_CASES; n += 1) {
    const bytes = createHash('sha512').update(`${seed} ${type.typeName} ${n}`).digest();
    if (!isMessage(type, bytes)) found.push({ what: `64 random bytes, the ${n + 1}. try`, bytes });
  }
  return found;
}

function isMessage(type: DescMessage, bytes: Uint8Array): boolean {
  try {
    fromBinary(type, bytes);
    return true;
  } catch {
    return false;
  }
}
