import { expect, test } from 'vitest';
import { valueSubject } from '#contracts/spec/topics.ts';
import { recordOperation } from '../../pacts/protocols.ts';
import {
  type ContractInMaking,
  type Described,
  exampleOf,
  type Outcome,
  outcomeOf,
  sameOutcome,
  statesOf,
} from './contract.ts';
import { at, leavesOf, merged, type Path, replacedAt, textOfPath } from './leaves.ts';
import {
  branchesOf,
  completed,
  encodable,
  encode,
  newerSchemaOf,
  otherValues,
  schemaOf,
  type TopicSchema,
} from './topic-schema.ts';
import { noteUnread } from './unread-record.ts';

type Json = Readonly<Record<string, unknown>>;

/** A record as a consumer's client library hands it over. */
export interface ContractRecord {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Avro in the Confluent wire format, by the repository's schema or by a newer one. */
  readonly bytes: Buffer;
}

/** A record that a consumer reads. */
export interface RecordInteraction<T> extends Described<T> {
  readonly topic: string;
  readonly key: unknown;
  /** Headers that the consumer uses, with matchers. `eventType` tells the record from others. */
  readonly headers: { readonly eventType: string } & Json;
  /** Fields of the value that the consumer uses, with matchers. A union's branch is `{type, …}`. */
  readonly value: Json;
  /** Other fields that the schema requires and the consumer does not read: not in the contract. */
  readonly unread?: Json;
  /** Event types that the same key had before it on this topic since the state was made. */
  readonly after?: readonly string[];
  /** The consumer's own code: decode and handle. */
  readonly consume: (record: ContractRecord) => Promise<T>;
}

/**
 * Declares a record that a consumer reads. The test encodes the example by the repository's schema
 * and passes it to the consumer's own code. Each field in the contract is then changed in turn: the
 * consumer's result has to change too, or the contract has a field without a reader. Last, the
 * record is encoded with a newer schema, whose extra fields the consumer does not know.
 */
export function recordInteraction<T>(
  contract: ContractInMaking,
  about: RecordInteraction<T>,
): void {
  test(about.description, async () => {
    const headers = Object.entries(about.headers).map(([name, text]) => [`header:${name}`, text]);
    const metadata = {
      protocol: 'kafka',
      topic: about.topic,
      key: about.key,
      subject: valueSubject(about.topic),
      ...Object.fromEntries(headers),
      ...(about.after === undefined ? {} : { after: about.after.join(', ') }),
    };
    const interaction = contract.pact.addAsynchronousInteraction();
    for (const { state, params } of statesOf(about.given)) {
      interaction.given(state, params as never);
    }
    await interaction
      .expectsToReceive(about.description, (builder) =>
        builder.withMetadata(metadata as never).withJSONContent(about.value),
      )
      .executeTest(async ({ contents }) => {
        const promised = contents.content as unknown as Json;
        const outcome = await consumed(about, promised);
        await about.expect(outcome);
        const newer = await consumed(about, promised, newerSchemaOf(about.topic));
        if (!sameOutcome(newer, outcome)) {
          expect(newer, 'what a field does that the consumer does not know').toEqual(outcome);
        }
        expect(
          await unusedFields(about, promised, outcome),
          'fields in the contract that the consumer does not use',
        ).toEqual([]);
        await noteUnread(contract.unread, {
          operation: recordOperation(about.topic, exampleOf<string>(about.headers.eventType)),
          promised,
          headers: about.headers,
          ...probesOf(about, promised, outcome),
        });
      });
  });
}

async function consumed<T>(
  about: RecordInteraction<T>,
  promised: Json,
  schema: TopicSchema = schemaOf(about.topic),
): Promise<Outcome<T>> {
  const headers = exampleOf<Record<string, string>>(about.headers);
  const record: ContractRecord = {
    topic: about.topic,
    key: exampleOf<string>(about.key),
    headers,
    bytes: encode(schema, merged(exampleOf<Json>(about.unread ?? {}), promised)),
  };
  return outcomeOf(() => about.consume(record));
}

async function unusedFields<T>(
  about: RecordInteraction<T>,
  promised: Json,
  outcome: Outcome<T>,
): Promise<string[]> {
  const schema = schemaOf(about.topic);
  const unused: string[] = [];
  for (const path of leavesOf(promised)) {
    const others = othersAt(schema, promised, path).filter((value) =>
      encodable(schema, merged(exampleOf<Json>(about.unread ?? {}), value)),
    );
    if (others.length === 0) {
      throw new Error(`${textOfPath(path)} has no other value: it need not be in the contract`);
    }
    const outcomes = await Promise.all(others.map((value) => consumed(about, value)));
    if (outcomes.every((other) => sameOutcome(other, outcome))) unused.push(textOfPath(path));
  }
  for (const name of Object.keys(about.headers)) {
    if (name === IDENTIFYING) continue;
    const { [name]: _, ...headers } = about.headers;
    const other = await consumed({ ...about, headers: headers as typeof about.headers }, promised);
    if (sameOutcome(other, outcome)) unused.push(`header ${name}`);
  }
  return unused;
}

/** Tells a record from others without a schema: for tools, not for consumers. */
const IDENTIFYING = 'eventType';

/** The contract's value with other values at the path. */
function othersAt(schema: TopicSchema, promised: Json, path: Path): Json[] {
  const [union = '', leaf] = path.map(String);
  const isTag = path.length === 2 && leaf === 'type' && schema.tagged.includes(union);
  if (!isTag) {
    return otherValues(schema, at(promised, path)).map((o) => replacedAt(promised, path, o));
  }
  const { type, ...fields } = promised[union] as { type: string };
  return branchesOf(schema, union)
    .filter(({ name }) => name !== type)
    .map(({ name, sample }) => ({ ...promised, [union]: { ...sample, ...fields, type: name } }));
}

/** What {@link noteUnread} has the consumer read. */
function probesOf<T>(about: RecordInteraction<T>, promised: Json, outcome: Outcome<T>) {
  const schema = schemaOf(about.topic);
  const whole = completed(schema, merged(exampleOf<Json>(about.unread ?? {}), promised));
  return {
    whole,
    othersAt: (path: Path) =>
      othersAt(schema, whole, path).filter((value) => encodable(schema, value)),
    changesNothing: async (value: Json, headers: Json = {}) => {
      const changed = { ...about, unread: {}, headers: { ...about.headers, ...headers } };
      return sameOutcome(await consumed(changed, value), outcome);
    },
  };
}
