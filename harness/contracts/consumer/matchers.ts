import { MatchersV3 } from '@pact-foundation/pact';

/** A time in protobuf JSON: no fraction of the second, or three, six or nine digits of it. */
export const instant = (example = '2026-11-22T09:00:00.250Z') =>
  MatchersV3.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3}|\.\d{6}|\.\d{9})?Z$/, example);

/** A 64-bit number in protobuf JSON that is larger than zero. */
export const positive = (example = '1') => MatchersV3.regex(/^[1-9][0-9]*$/, example);

/** A text that only its author can read. */
export const opaque = (example: string) => MatchersV3.regex(/^.+$/, example);
