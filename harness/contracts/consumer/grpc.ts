import { type DescMethodUnary, fromJson, type JsonValue, toJson } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import type { GrpcAnswer, GrpcRequest } from '../../pacts/interaction.ts';
import { grpcOperation } from '../../pacts/protocols.ts';
import {
  type ContractInMaking,
  type Described,
  exampleOf,
  type Outcome,
  outcomeOf,
  sameOutcome,
  statesOf,
} from './contract.ts';
import { startGrpcMock } from './grpc-mock.ts';
import { at, leavesOf, textOfPath, without } from './leaves.ts';
import { enlargedAnswers } from './unread-answer.ts';

/** One call of a consumer, and the provider's answer. */
export interface GrpcInteraction<T> extends Described<T> {
  readonly method: DescMethodUnary;
  /** Protobuf JSON, exactly as the consumer sends it. */
  readonly request: unknown;
  /** With a deadline that the provider cannot keep, for DEADLINE_EXCEEDED. */
  readonly deadlineMs?: number;
  /** `answered(...)` or `refused(...)`. */
  readonly answer: GrpcAnswer;
  /** The consumer's own client code, calling the provider at `address` (host:port). */
  readonly consume: (address: string) => Promise<T>;
}

/** The call succeeds; `message` is protobuf JSON, with matchers. */
export const answered = (message: unknown): GrpcAnswer => ({ status: 'OK', message });

/** The call is refused with a status and a code of the error registry. */
export const refused = (status: string, code?: string): GrpcAnswer => ({
  status,
  ...(code === undefined ? {} : { code }),
});

/**
 * Declares an interaction over gRPC. The test runs the consumer's client against a server that
 * gives the contract's answer, and checks that the consumer sends this request and nothing else;
 * that an unknown field changes nothing; and that the consumer uses each field in the contract, so
 * that the contract has no field without a reader.
 */
export function grpcInteraction<T>(contract: ContractInMaking, about: GrpcInteraction<T>): void {
  test(about.description, async () => {
    const { method, request, deadlineMs } = about;
    const contents: GrpcRequest = {
      protocol: 'grpc',
      service: method.parent.typeName,
      method: method.name,
      message: toJson(method.input, fromJson(method.input, exampleOf<JsonValue>(request))),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    };
    const interaction = contract.pact.addSynchronousInteraction(about.description);
    for (const { state, params } of statesOf(about.given)) {
      interaction.given(state, params as never);
    }
    await interaction
      .withRequest((builder) => builder.withJSONContent(contents))
      .withResponse((builder) => builder.withJSONContent(about.answer))
      .executeTest(async ({ Request, Response }) => {
        const asked = parsed<GrpcRequest>(Request.content);
        const answer = parsed<GrpcAnswer>(Response[0]?.content);
        const outcome = await consumed(about, asked, answer, false);
        await about.expect(outcome);
        // Errors carry more than their code, such as when the answer was sent.
        const newer = await consumed(about, asked, answer, true);
        if (!sameOutcome(newer, outcome)) {
          const what =
            'a field that the consumer does not know changes what it makes of the answer';
          expect(newer, what).toEqual(outcome);
        }
        expect(
          await unusedFields(about, asked, answer, outcome),
          'fields in the contract that the consumer does not use',
        ).toEqual([]);
        await noteUnread(contract, about, { asked, answer, outcome });
      });
  });
}

const ZERO_VALUES: readonly unknown[] = ['', '0', 0, false, null];

const parsed = <T>(content: unknown): T =>
  JSON.parse(Buffer.from(content as Buffer).toString('utf8')) as T;

async function consumed<T>(
  about: GrpcInteraction<T>,
  asked: GrpcRequest,
  answer: GrpcAnswer,
  withUnknownField: boolean,
): Promise<Outcome<T>> {
  await using mock = await startGrpcMock(about.method, { answer, withUnknownField });
  const outcome = await outcomeOf(() => about.consume(mock.address));
  expect(mock.requests, 'what the consumer asked').toEqual([asked.message]);
  return outcome;
}

/** Finds fields that are not in the contract and that the consumer does not use. */
async function noteUnread<T>(
  { unread }: ContractInMaking,
  about: GrpcInteraction<T>,
  known: { asked: GrpcRequest; answer: GrpcAnswer; outcome: Outcome<T> },
): Promise<void> {
  const { asked, answer, outcome } = known;
  if (answer.status !== 'OK') return;
  const operation = grpcOperation(about.method.parent.typeName, about.method.name);
  for (const { message, fields } of enlargedAnswers(about.method.output, answer.message)) {
    const other = await consumed(about, asked, { ...answer, message }, false);
    unread.note(operation, fields, sameOutcome(other, outcome));
  }
}

async function unusedFields<T>(
  about: GrpcInteraction<T>,
  asked: GrpcRequest,
  answer: GrpcAnswer,
  outcome: Outcome<T>,
): Promise<string[]> {
  const unused: string[] = [];
  for (const path of leavesOf(answer.message ?? {})) {
    // Protobuf does not tell a field that is absent from one that has its type's zero value.
    if (ZERO_VALUES.includes(at(answer.message, path))) continue;
    const less = { ...answer, message: without(answer.message, path) };
    if (sameOutcome(await consumed(about, asked, less, false), outcome)) {
      unused.push(textOfPath(path));
    }
  }
  return unused;
}
