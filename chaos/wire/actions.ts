/** What rules do to a request or an answer that they hit. */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../harness/kernel/random.ts';
import type { Delivery, Unit } from './delivery.ts';
import type { OpenOperations } from './open-operations.ts';
import { type Bytes, type Pipe, sizeOf } from './pipe.ts';
import type { Decoder } from './protocol.ts';
import type { RuleBook, Strike } from './rules.ts';

/** What an action can do to its connection. */
export interface Effects {
  readonly rules: RuleBook;
  readonly decoder: Decoder;
  readonly operations: OpenOperations;
  readonly delivery: Delivery;
  readonly cut: () => void;
  readonly end: () => void;
  readonly silence: () => void;
}

const LOST = 'lost by a rule of the wire proxy';

/** Applies the actions in order, and passes on what is left. */
export async function act(
  effects: Effects,
  pipe: Pipe,
  unit: Unit,
  strikes: readonly Strike[],
): Promise<void> {
  let left: Unit | undefined = unit;
  for (const strike of strikes) {
    const acting = actOnce({ effects, pipe, strike }, left);
    // It has begun, or is known not to be possible: what was not done to an operation is no hit.
    if (!strike.hasFailed) strike.armed.owner.onHit(strike.hit);
    left = await acting;
    if (left === undefined) return;
  }
  await effects.delivery.forward(pipe, left);
}

interface Case {
  readonly effects: Effects;
  readonly pipe: Pipe;
  readonly strike: Strike;
}

/** @returns undefined when nothing of it passes (any more) */
async function actOnce(one: Case, unit: Unit): Promise<Unit | undefined> {
  const { effects, pipe, strike } = one;
  const { action } = strike.armed.rule;
  switch (action.kind) {
    case 'hold': {
      const release = await effects.rules.hold(strike, pipe.gone);
      if (release === 'forward') return unit;
      if (release === 'drop') return lose(effects, unit);
      effects.cut();
      return undefined;
    }
    case 'delay': {
      const { ms } = action;
      const jitterMs = Math.round(action.jitterMs ?? 0);
      // The n-th hit of a proxy always has the same jitter.
      const jitter = new Random(strike.hit.id, 'jitter').integer(-jitterMs, jitterMs);
      const wait = pause(Math.max(0, ms + jitter), undefined, { signal: pipe.gone });
      await wait.catch(() => undefined);
      return unit;
    }
    case 'drop':
      return lose(effects, unit);
    case 'error':
      return answerWithError(one, unit, action.code);
    case 'duplicate':
      return duplicate(one, unit);
    case 'reorder':
      return keep(one, unit);
    case 'replace':
      return { ...unit, edit: (bytes) => replaced(bytes, action.find, action.by) };
    case 'cut':
      if (action.midway) {
        await pipe.flush(half(unit));
        // A reset would take from the receiver what it has not read.
        effects.end();
      } else {
        effects.cut();
      }
      return undefined;
    case 'black-hole':
      effects.silence();
      return undefined;
    default:
      return action satisfies never;
  }
}

function lose({ delivery, operations }: Effects, unit: Unit): undefined {
  for (const { message } of unit.parts) delivery.withhold(message);
  for (const { id } of unit.begins) operations.end({ id, outcome: 'error' }, LOST);
  for (const end of unit.ends) operations.end(end, LOST);
}

function answerWithError({ effects, strike }: Case, unit: Unit, code: string): Unit | undefined {
  const { decoder, delivery, operations } = effects;
  const { armed, operation } = strike;
  const answer = decoder.errorAnswer?.(operation, code);
  if (answer === undefined) return failed(strike, unit, `cannot be answered with ${code} here`);
  if (armed.rule.point === 'answer') return { ...unit, instead: answer };
  const open = operations.get(operation.id);
  const instead = decoder.insteadOf?.(operation, code);
  if (open && instead) {
    open.answerWith = answer;
    return { ...unit, instead };
  }
  for (const { message } of unit.parts) delivery.withhold(message);
  delivery.answer(operation.id, code, answer);
  return undefined;
}

function failed(strike: Strike, unit: Unit, reason: string): Unit {
  const { armed, operation } = strike;
  strike.hasFailed = true;
  armed.owner.onFailure(armed.id, `${operation.name} ${reason}`);
  return unit;
}

/** A request that is repeated has two answers, and the service gets the first. */
function duplicate({ effects, pipe, strike }: Case, unit: Unit): Unit | undefined {
  if (strike.armed.rule.point === 'answer') return { ...unit, copies: 2 };
  void effects.delivery.forward(pipe, unit);
  if (!effects.delivery.repeat(pipe, unit)) failed(strike, unit, 'cannot be repeated here');
  return undefined;
}

/** Keeps it back until the next one has passed, the rule is lifted or the sender has ended. */
function keep({ effects, pipe, strike }: Case, unit: Unit): Unit | undefined {
  if (!effects.delivery.keep(pipe, unit)) return unit;
  void effects.rules.hold(strike, pipe.gone).then(() => effects.delivery.flush(pipe));
  return undefined;
}

function replaced(bytes: Buffer, find: string, by: string): Buffer {
  const copy = Buffer.from(bytes);
  const [from, to] = [Buffer.from(find), Buffer.from(by)];
  for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + to.length)) {
    to.copy(copy, at);
  }
  return copy;
}

function half({ parts }: Unit): Bytes {
  const bytes = parts.flatMap((part) => part.bytes);
  return [Buffer.concat(bytes).subarray(0, Math.floor(sizeOf(bytes) / 2))];
}
