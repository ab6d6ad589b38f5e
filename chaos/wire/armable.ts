/** Whether a rule can be armed: what is wrong with it is said at once, not by never hitting. */
import { z } from 'zod';
import { nearest } from '../../harness/kernel/suggestion.ts';
import { fromJsonRule, type JsonRule } from '../../harness/links/wire-messages.ts';
import type { WireRule } from '../../harness/links/wire-rules.ts';
import type { Protocol } from './protocol.ts';

const DELAY_MS_MAX = 3_600_000;
const TEXT_MAX = 10_000;

const text = z.string().min(1).max(TEXT_MAX);
const delayMs = z.number().min(0).max(DELAY_MS_MAX);
const Action = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hold') }),
  z.strictObject({ kind: z.literal('delay'), ms: delayMs, jitterMs: delayMs.exactOptional() }),
  z.strictObject({ kind: z.literal('drop') }),
  z.strictObject({ kind: z.literal('error'), code: text }),
  z.strictObject({ kind: z.literal('duplicate') }),
  z.strictObject({ kind: z.literal('reorder') }),
  z.strictObject({ kind: z.literal('replace'), find: text, by: text }),
  z.strictObject({ kind: z.literal('cut'), midway: z.boolean().exactOptional() }),
  z.strictObject({ kind: z.literal('black-hole') }),
]);

const Rule = z.strictObject({
  link: text,
  operation: text,
  where: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
  contains: z.array(text).exactOptional(),
  point: z.enum(['request', 'answer', 'answered']),
  action: Action,
  occurrence: z.int().min(1).exactOptional(),
  times: z.int().min(1).nullable().exactOptional(),
  after: text.exactOptional(),
});

/** What is left to do when an answer has been passed on. */
const WHEN_ANSWERED: ReadonlySet<string> = new Set(['hold', 'delay', 'cut', 'black-hole']);

interface Link {
  readonly name: string;
  readonly protocol: Protocol;
}

/** @throws with what is wrong */
export function requireArmable(given: JsonRule, links: readonly Link[]): WireRule {
  const parsed = Rule.safeParse(given);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const rule = fromJsonRule(parsed.data);
  const { link: name, operation, point, action } = rule;
  const link = links.find((known) => known.name === name);
  if (!link) throw new Error(`link ${name} has no wire proxy`);
  const { operations, refuses = [] } = link.protocol;
  if (!operations.includes(operation)) {
    const meant = nearest(operation, operations);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    throw new Error(`${name} has no operation ${operation}${hint}`);
  }
  if (refuses.includes(action.kind)) {
    throw new Error(`${link.protocol.name} cannot take the action ${action.kind}`);
  }
  if (point === 'answered' && !(WHEN_ANSWERED.has(action.kind) && !isMidway(action))) {
    throw new Error(`${action.kind} has nothing to act on at the point answered`);
  }
  if (
    action.kind === 'replace' &&
    Buffer.byteLength(action.find) !== Buffer.byteLength(action.by)
  ) {
    throw new Error('replace needs two texts of the same length in bytes');
  }
  return rule;
}

const isMidway = (action: WireRule['action']): boolean =>
  action.kind === 'cut' && action.midway === true;
