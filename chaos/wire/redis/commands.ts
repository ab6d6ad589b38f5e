/** What a Redis command is named, and by which attributes rules select it. */
import { createHash } from 'node:crypto';
import { getKeyIndexes, list } from '@ioredis/commands';
import type { OperationAttributes } from '../protocol.ts';

const TEXT_CHARACTERS_MAX = 256;

/** Names of operations that are no commands. */
const PUSHED = ['message', 'push'];
/** A command that the table does not have, as those of modules; the attribute `command` has it. */
const OTHER = 'other';

export const OPERATIONS: readonly string[] = [...list, ...PUSHED, OTHER].map(
  (name) => `redis.${name}`,
);

const KNOWN: ReadonlySet<string> = new Set(list);
/** Commands that say how many keys follow, in one of their first two words. */
const COUNTS_KEYS = /^(eval|fcall|msetex|b?[lz]mpop|z?(union|inter|diff)|[sz](union|inter|diff))/;

/** Commands whose first word says what they do. */
const WITH_SUBCOMMAND = new Set(
  'acl client cluster config debug function latency memory module object pubsub script slowlog xgroup xinfo'.split(
    ' ',
  ),
);
const WITH_CHANNEL = new Set(
  'publish spublish subscribe psubscribe ssubscribe unsubscribe punsubscribe sunsubscribe'.split(
    ' ',
  ),
);

export interface NamedCommand {
  /** In lower case; as the client wrote it. */
  readonly verb: string;
  readonly name: string;
  readonly attributes: OperationAttributes;
}

export function nameCommand(words: readonly Buffer[]): NamedCommand {
  const [first = Buffer.alloc(0), ...args] = words;
  const verb = textOf(first).toLowerCase();
  if (!KNOWN.has(verb)) return { verb, name: `redis.${OTHER}`, attributes: { command: verb } };
  return { verb, name: `redis.${verb}`, attributes: attributesOf(verb, args) };
}

function attributesOf(verb: string, args: Buffer[]): OperationAttributes {
  const [first] = args;
  const key = firstKey(verb, args);
  return {
    ...(WITH_SUBCOMMAND.has(verb) && first ? { subcommand: textOf(first).toLowerCase() } : {}),
    ...(WITH_CHANNEL.has(verb) && first ? { channel: textOf(first) } : {}),
    ...(key ? { key: textOf(key) } : {}),
    ...scriptOf(verb, first),
  };
}

function firstKey(verb: string, args: Buffer[]): Buffer | undefined {
  // The table would make a list of a billion keys, if that is what the request says.
  const says = args.slice(0, 2).some((word) => Number(word.toString('latin1')) > args.length);
  if (says && COUNTS_KEYS.test(verb)) return undefined;
  return args[getKeyIndexes(verb, args)[0] ?? -1];
}

/** The same for a script that is sent and one that is named by its hash. */
function scriptOf(verb: string, script: Buffer | undefined): { readonly script?: string } {
  if (!script) return {};
  if (/^evalsha/.test(verb)) return { script: textOf(script).toLowerCase() };
  if (/^eval/.test(verb)) return { script: createHash('sha1').update(script).digest('hex') };
  return /^fcall/.test(verb) ? { script: textOf(script) } : {};
}

export const textOf = (bytes: Buffer): string =>
  bytes.toString('utf8', 0, Math.min(bytes.length, TEXT_CHARACTERS_MAX));
