import type { Edits } from './edited-sources.ts';

/** A change to the event store that breaks one promise of its contract. */
export interface StoreBreakage {
  readonly name: string;
  readonly breaks: string;
  /** Which tests are to notice it: a pattern of their titles. */
  readonly tests: string;
  readonly edits: Edits;
}

const one = (file: string, find: string, replace: string): Edits => [{ file, find, replace }];

/** At least one per part of the contract. */
export const BREAKAGES: readonly StoreBreakage[] = [
  {
    name: 'expected-revision',
    breaks: 'a revision after the last one is accepted',
    tests: 'exact revision',
    edits: one(
      'commit-check.ts',
      'if (expectedNumber > currentNumber) return WRONG;',
      'if (expectedNumber > currentNumber) return WRITE;',
    ),
  },
  {
    name: 'idempotency',
    breaks: 'a repeated append is written again',
    tests: 'idempotent append',
    edits: one(
      'commit-check.ts',
      'let lastRevision = facts.revisionOf(first);\n  if (lastRevision === undefined) return WRITE;',
      'let lastRevision = facts.revisionOf(first);\n  if (ids.length > 0) return WRITE;',
    ),
  },
  {
    name: 'append-size',
    breaks: 'an append above the limit is accepted',
    tests: 'above 1 MiB',
    edits: one('wire/errors.ts', '= 1_048_576;', '= 16_777_216;'),
  },
  {
    name: 'deadline',
    breaks: 'the size of a late append is checked before its deadline',
    tests: 'after its deadline',
    edits: one(
      'wire/batch-append.ts',
      'return deadlineMs !== undefined && deadlineMs < Date.now();',
      'return deadlineMs === 0;',
    ),
  },
  {
    name: 'backwards-exclusive',
    breaks: '$all backwards includes the position',
    tests: 'of \\$all',
    edits: one('sqlite-reader.ts', 'WHERE e.position < ?', 'WHERE e.position <= ?'),
  },
  {
    name: 'links',
    breaks: 'a link is not resolved',
    tests: 'of links',
    edits: one('wire/links.ts', 'if (!format.resolvesLinks)', 'if (event.type !== "")'),
  },
  {
    name: 'max-count',
    breaks: '$maxCount shows one event too many',
    tests: 'truncation by metadata',
    edits: one(
      'stream-metadata.ts',
      'current - truncation.maxCount + 1n',
      'current - truncation.maxCount',
    ),
  },
  {
    name: 'soft-delete',
    breaks: 'a deleted stream can be read',
    tests: 'delete and tombstone',
    edits: one(
      'stream-metadata.ts',
      'return truncation.truncateBefore === DELETED_REVISION;',
      'return truncation.truncateBefore === -1n;',
    ),
  },
  {
    name: 'subscription-start',
    breaks: 'a subscription repeats the event that it starts after',
    tests: 'catch-up subscription',
    edits: one('wire/subscription.ts', 'from + 1n : 0n', 'from : 0n'),
  },
  {
    name: 'filter-checkpoint',
    breaks: 'a filtered subscription gets no checkpoints',
    tests: 'catch-up subscription',
    edits: one(
      'wire/subscription.ts',
      'checkpointIntervalEvents === 0 ?',
      'checkpointIntervalEvents < 0 ?',
    ),
  },
  {
    name: 'structured-ids',
    breaks: 'the halves of an id are exchanged',
    tests: 'ids as two numbers',
    edits: one('wire/identifiers.ts', 'bytes.readBigInt64BE(0)', 'bytes.readBigInt64BE(8)'),
  },
  {
    name: 'gossip',
    breaks: 'gossip leads discovering clients elsewhere',
    tests: 'discovers its node',
    edits: one(
      'wire/features.ts',
      '.setAddress(host).setPort(port)',
      '.setAddress(host).setPort(1)',
    ),
  },
  {
    name: 'checkpoint-ahead',
    breaks: 'the checkpoint passes a message without an acknowledgement',
    tests: 'are final',
    edits: one(
      'persistent/progress.ts',
      'for (const before of this.#pending.values()) return before;\n',
      '',
    ),
  },
  {
    name: 'lost-in-flight',
    breaks: 'what a consumer had when it left is lost',
    tests: 'when a consumer leaves',
    edits: one('persistent/outbox.ts', 'this.retry(message);', ''),
  },
  {
    name: 'retry-count',
    breaks: 'retries are not counted',
    tests: 'say retry',
    edits: one('persistent/messages.ts', 'message.retryCount + 1', 'message.retryCount'),
  },
  {
    name: 'message-timeout',
    breaks: 'a message is never taken back',
    tests: 'in time',
    edits: one(
      'persistent/consumer.ts',
      'if (entry.sentMs > sentMs) break;',
      'if (entry.sentMs > 0) break;',
    ),
  },
  {
    name: 'skip-as-retry',
    breaks: 'a skipped message comes again',
    tests: 'say skip',
    edits: one('persistent/group.ts', "if (action === 'skip')", "if (reason === '')"),
  },
  {
    name: 'max-retries',
    breaks: 'a message is retried for ever',
    tests: 'retried too often',
    edits: one('persistent/answers.ts', 'message.retryCount >= maxRetryCount', 'maxRetryCount < 0'),
  },
  {
    name: 'parked-again',
    breaks: 'a replayed message stays in the parked stream',
    tests: 'gone once',
    edits: one(
      'persistent/state-streams.ts',
      'if (before <= this.#truncated) return;',
      'if (before >= 0n) return;',
    ),
  },
  {
    name: 'replay-limit',
    breaks: 'a replay ignores where it is to stop',
    tests: 'gone once',
    edits: one('persistent/state-streams.ts', 'stopAt === undefined || stopAt > end', 'end >= 0n'),
  },
  {
    name: 'buffer-size',
    breaks: 'a consumer gets more than it has room for',
    tests: 'bufferSize',
    edits: one(
      'persistent/consumer.ts',
      'return this.#inFlight.size < this.peer.bufferSize;',
      'return true;',
    ),
  },
  {
    name: 'subscriber-limit',
    breaks: 'there can be more consumers than the group may have',
    tests: 'as many consumers',
    edits: one(
      'persistent/group.ts',
      'if (maxSubscriberCount > 0 &&',
      'if (maxSubscriberCount < 0 &&',
    ),
  },
  {
    name: 'group-start',
    breaks: 'a group skips the revision that it starts at',
    tests: 'where a group starts',
    edits: one(
      'persistent/registry.ts',
      "typeof from === 'bigint') return from;",
      "typeof from === 'bigint') return from + 1n;",
    ),
  },
  {
    name: 'group-filter',
    breaks: 'a group on $all has no filter',
    tests: 'its filter lets pass',
    edits: one('persistent/feed.ts', '&& filter(event);', '&& (filter(event) || true);'),
  },
  {
    name: 'inline-options',
    breaks: 'the inline options of regexes are ignored',
    tests: 'its filter lets pass',
    edits: one('dotnet-regex.ts', 'const group = `(?', "const group = on === 'i' ? '(?:' : `(?"),
  },
  {
    name: 'update-keeps',
    breaks: 'consumers are not ended when their group is deleted',
    tests: 'drops its consumers',
    edits: one(
      'persistent/group.ts',
      'for (const { peer } of this.#outbox.consumers) peer.drop(error);',
      '',
    ),
  },
  {
    name: 'round-robin',
    breaks: 'RoundRobin stays with one consumer',
    tests: 'RoundRobin gives',
    edits: one(
      'persistent/strategies.ts',
      "return new Rotating('turn');",
      "return new Rotating('stay');",
    ),
  },
  {
    name: 'dispatch-to-single',
    breaks: 'DispatchToSingle changes consumers',
    tests: 'DispatchToSingle gives',
    edits: one(
      'persistent/strategies.ts',
      "return new Rotating('stay');",
      "return new Rotating('turn');",
    ),
  },
  {
    name: 'pinned',
    breaks: 'Pinned does not look at the stream',
    tests: 'Pinned gives',
    edits: one(
      'persistent/strategies.ts',
      'return new Pinned(({ stream }) => stream);',
      "return new Rotating('turn');",
    ),
  },
];
