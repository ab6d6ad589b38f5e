import { type DescMessage, fromBinary, type Message, toBinary, toJson } from '@bufbuild/protobuf';
import { ERRORS } from '#contracts/spec/errors/registry.ts';
import { REQUEST_BYTES_MAX } from '#contracts/spec/rpc-rules.ts';
import { until } from '../kernel/poll.ts';
import { flawsOf, withUnknownFields } from './flaws.ts';
import { garbageFor } from './garbage.ts';
import type { RawAnswer, RawCall, RawChannel } from './raw-channel.ts';
import type { Recipe } from './recipe.ts';

/** What one check of one method found. */
export interface Finding {
  readonly check: string;
  readonly expected: string;
  /** What was observed instead; undefined when the check passed. */
  readonly seen: string | undefined;
  /** The check could not run; `seen` says why. */
  readonly skipped?: true;
}

export interface RpcUnderTest {
  readonly channel: RawChannel;
  readonly recipe: Recipe;
  /** The method that checks whether the service still answers. */
  readonly pulse: Recipe;
  readonly seed: string;
}

/** A check of one method. */
export type RpcCheck = (rpc: RpcUnderTest) => Promise<readonly Finding[]>;

/** How long an earlier call may keep a method busy, and a service may take to come back. */
const RECOVERY_TIMEOUT_MS = 10_000;
/** More streams than a connection commonly has: a server that leaks them has none left. */
const CANCELLED_QUERIES = 120;
const CANCEL_AFTER_MS = [0, 1, 3];
/** Shorter than, about as long as, and a little longer than a call takes. */
const TINY_TIMEOUTS_MS = [1, 3, 8];

const pathOf = ({ recipe: { method } }: RpcUnderTest): string =>
  `/${method.parent.typeName}/${method.name}`;

export const bytesOf = (type: DescMessage, message: Message): Uint8Array =>
  toBinary(type, message as never);

/** Sends a request as it should be sent, or with something special about it. */
function send(
  rpc: RpcUnderTest,
  request: Message,
  special: Partial<RawCall> = {},
): Promise<RawAnswer> {
  const message = bytesOf(rpc.recipe.method.input, request);
  return rpc.channel.call({ path: pathOf(rpc), message, ...special });
}

/** Sends a valid request until no earlier one is in its way any more. */
async function sendValid(
  rpc: RpcUnderTest,
  request: Message,
  special: Partial<RawCall> = {},
): Promise<RawAnswer> {
  const { busyCode } = rpc.recipe;
  if (busyCode === undefined) return send(rpc, request, special);
  return until(
    `${pathOf(rpc)} to be free`,
    async () => {
      const answer = await send(rpc, request, special);
      return answer.code === busyCode ? undefined : answer;
    },
    RECOVERY_TIMEOUT_MS,
  );
}

export function shown({ status, code, details, afterMs }: RawAnswer): string {
  const which = code === undefined ? status : `${status} ${code}`;
  return `${which} after ${afterMs} ms${details === '' ? '' : `: ${details.slice(0, 200)}`}`;
}

const wantOk = (answer: RawAnswer): string | undefined =>
  answer.status === 'OK' ? undefined : shown(answer);

/**
 * A valid request is answered, without any metadata: the results of the other checks
 * mean nothing without that.
 */
export const answersValidRequests: RpcCheck = async (rpc) => {
  const seen = wantOk(await sendValid(rpc, await rpc.recipe.request()));
  return [{ check: 'a valid request', expected: 'OK', seen }];
};

/** Fields from a newer schema change nothing. */
export const ignoresUnknownFields: RpcCheck = async (rpc) => {
  const { input, output } = rpc.recipe.method;
  const fresh = () => rpc.recipe.request();
  const ask = async (request: Message) => {
    const answer = await sendValid(rpc, request);
    return { answer, text: answerShown(output, answer, rpc) };
  };
  const extended = async () => ask(withUnknownFields(input, await fresh()));
  const { before, between } = await until(
    `${pathOf(rpc)} to answer twice alike`,
    async () => {
      const before = await ask(await fresh());
      const between = await extended();
      // The answer may change on its own, as an order does while its saga runs.
      const after = rpc.recipe.readOnly ? await ask(await fresh()) : before;
      return before.text === after.text ? { before, between } : undefined;
    },
    RECOVERY_TIMEOUT_MS,
  );
  const same = between.text === before.text;
  const seen = wantOk(between.answer) ?? (same ? undefined : 'OK, with another answer');
  return [{ check: 'unknown fields', expected: 'the answer as without them', seen }];
};

/** An answer without what differs from call to call: times, and the names that a command makes. */
function answerShown(output: DescMessage, { message }: RawAnswer, { recipe }: RpcUnderTest) {
  if (message === undefined) return undefined;
  try {
    const json = toJson(output, fromBinary(output, message), { alwaysEmitImplicit: true });
    return JSON.stringify(json, (_, value: unknown) => {
      if (typeof value !== 'string') return value;
      if (TIMESTAMP.test(value)) return 'a time';
      return recipe.readOnly || /^(\d*|[A-Z_]+)$/.test(value) ? value : 'a name';
    });
  } catch {
    return 'no message of its type';
  }
}

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/** Each request that breaks a rule is refused with the status and code of that rule. */
export const refusesFlaws: RpcCheck = async (rpc) => {
  const { input } = rpc.recipe.method;
  const valid = await rpc.recipe.request();
  const findings: Finding[] = [];
  for (const { what, code, request } of flawsOf(input, valid)) {
    const answer = await send(rpc, request);
    const expected = `${ERRORS[code].grpc} ${code}`;
    const isPassed = answer.status === ERRORS[code].grpc && answer.code === code;
    findings.push({ check: what, expected, seen: isPassed ? undefined : shown(answer) });
  }
  return findings;
};

/** A message over the limit is refused, and other calls still succeed. */
export const refusesOversized: RpcCheck = async (rpc) => {
  const valid = await rpc.recipe.request();
  const bytes = bytesOf(rpc.recipe.method.input, valid);
  const message = Buffer.concat([bytes, padding(REQUEST_BYTES_MAX + 1)]);
  const answer = await rpc.channel.call({ path: pathOf(rpc), message });
  const refused = answer.status === 'RESOURCE_EXHAUSTED' ? undefined : shown(answer);
  return [
    {
      check: 'an oversized message',
      expected: `RESOURCE_EXHAUSTED for more than ${REQUEST_BYTES_MAX} bytes`,
      seen: refused,
    },
    await goesOn(rpc, 'after an oversized message'),
  ];
};

/** An unknown text field that has at least this many bytes. */
function padding(bytes: number): Buffer {
  // Field 18003, a text: its tag, then its length, as varints.
  const head = Buffer.from([0x9a, 0xe5, 0x08, ...varint(bytes)]);
  return Buffer.concat([head, Buffer.alloc(bytes, 'x')]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

async function goesOn(rpc: RpcUnderTest, check: string): Promise<Finding> {
  const asked = { ...rpc, recipe: rpc.pulse };
  const seen = wantOk(await sendValid(asked, await asked.recipe.request()));
  return { check, expected: 'OK for a valid request', seen };
}

/** Bytes that are no message are refused, and a call without a message is. */
export const refusesGarbage: RpcCheck = async (rpc) => {
  const findings: Finding[] = [];
  for (const { what, bytes } of garbageFor(rpc.recipe.method.input, rpc.seed)) {
    const answer = await rpc.channel.call({ path: pathOf(rpc), message: bytes });
    findings.push(wantRefusal(`garbage: ${what}`, ['INTERNAL', 'INVALID_ARGUMENT'], answer));
  }
  const empty = await rpc.channel.call({ path: pathOf(rpc) });
  const expected = ['INTERNAL', 'INVALID_ARGUMENT', 'UNIMPLEMENTED'] as const;
  findings.push(wantRefusal('no message at all', expected, empty));
  return [...findings, await goesOn(rpc, 'after garbage')];
};

function wantRefusal(
  check: string,
  statuses: readonly RawAnswer['status'][],
  answer: RawAnswer,
): Finding {
  const isPassed = statuses.includes(answer.status);
  return { check, expected: statuses.join(' or '), seen: isPassed ? undefined : shown(answer) };
}

/** The call ended for its caller in time: by status, or by a reset of the stream. */
const isOutOfTime = ({ status, details }: RawAnswer): boolean =>
  status === 'DEADLINE_EXCEEDED' ||
  status === 'CANCELLED' ||
  (status === 'RESET' && details === 'CANCEL');

/** A call whose deadline has passed is not started, or at least not answered with success. */
export const endsExpiredCalls: RpcCheck = async (rpc) => {
  const request = await rpc.recipe.request();
  const answer = await send(rpc, request, { timeout: '1n' });
  const expired: Finding = {
    check: 'an expired deadline',
    expected: 'DEADLINE_EXCEEDED',
    seen: isOutOfTime(answer) ? undefined : shown(answer),
  };
  return [expired, await repeated(rpc, request, 'repeated after an expired deadline')];
};

/** How late an answer may come: a timer's slack on a loaded machine. */
const DEADLINE_SLACK_MS = 250;

/** A call with a very short deadline is answered in time or ended; it has one effect or none. */
export const keepsTinyDeadlines: RpcCheck = async (rpc) => {
  const findings: Finding[] = [];
  for (const timeoutMs of TINY_TIMEOUTS_MS.slice(0, rpc.recipe.slow ? 1 : undefined)) {
    const request = await rpc.recipe.request();
    const answer = await send(rpc, request, { timeout: `${timeoutMs}m` });
    const isEnded = answer.status === 'OK' || answer.code === rpc.recipe.busyCode;
    const inTime = answer.afterMs <= timeoutMs + DEADLINE_SLACK_MS;
    const isPassed = isOutOfTime(answer) || (isEnded && inTime);
    findings.push({
      check: `a deadline of ${timeoutMs} ms`,
      expected: 'DEADLINE_EXCEEDED, or OK in time',
      seen: isPassed ? undefined : shown(answer),
    });
    findings.push(await repeated(rpc, request, `repeated after a deadline of ${timeoutMs} ms`));
  }
  return findings;
};

/** Sends the same request again, since the outcome of the first attempt is not known. */
async function repeated(rpc: RpcUnderTest, request: Message, check: string): Promise<Finding> {
  const expected = rpc.recipe.readOnly ? 'OK' : 'OK, and one effect';
  const answer = await sendValid(rpc, request);
  const seen = wantOk(answer) ?? (await rpc.recipe.wrongEffect?.(request));
  return { check, expected, seen };
}

/**
 * A service may answer UNAVAILABLE for a moment when many calls come at once; a leaked stream never
 * becomes available again.
 */
async function recovered(rpc: RpcUnderTest, request: Message, check: string): Promise<Finding> {
  let last: RawAnswer | undefined;
  const answer = await until(
    `${pathOf(rpc)} to have room`,
    async () => {
      last = await sendValid(rpc, request);
      return last.status === 'UNAVAILABLE' ? undefined : last;
    },
    RECOVERY_TIMEOUT_MS,
  ).catch(() => last);
  const seen = answer === undefined ? 'nothing' : wantOk(answer);
  return { check, expected: `OK, at the latest after ${RECOVERY_TIMEOUT_MS} ms`, seen };
}

/** Cancelled calls leak no stream and have no second effect. */
export const survivesCancelledCalls: RpcCheck = async (rpc) => {
  const { readOnly } = rpc.recipe;
  if (readOnly) {
    const request = await rpc.recipe.request();
    const calls = Array.from({ length: CANCELLED_QUERIES }, (_, index) =>
      send(rpc, request, { cancelAfterMs: CANCEL_AFTER_MS[index % CANCEL_AFTER_MS.length] ?? 0 }),
    );
    await Promise.all(calls);
    return [await recovered(rpc, request, `after ${CANCELLED_QUERIES} cancelled calls`)];
  }
  const findings: Finding[] = [];
  for (const cancelAfterMs of CANCEL_AFTER_MS.slice(0, rpc.recipe.slow ? 1 : undefined)) {
    const request = await rpc.recipe.request();
    await send(rpc, request, { cancelAfterMs });
    findings.push(await repeated(rpc, request, `repeated after a cancel at ${cancelAfterMs} ms`));
  }
  return findings;
};

const UNKNOWN_METADATA: Readonly<Record<string, string>> = {
  'x-unknown-header': 'yes',
  'x-some-bytes-bin': Buffer.from([0, 1, 2, 255]).toString('base64'),
  traceparent: 'not-a-traceparent',
  'user-agent': 'sagaproof-conformance',
};

/** Unknown metadata and an invalid trace context are no reason to refuse a call. */
export const toleratesMetadata: RpcCheck = async (rpc) => {
  const answer = await sendValid(rpc, await rpc.recipe.request(), { headers: UNKNOWN_METADATA });
  return [{ check: 'unknown metadata', expected: 'OK', seen: wantOk(answer) }];
};
