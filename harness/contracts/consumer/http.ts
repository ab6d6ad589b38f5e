import { expect, test } from 'vitest';
import {
  type ContractInMaking,
  type Described,
  exampleOf,
  type Outcome,
  outcomeOf,
  sameOutcome,
  statesOf,
} from './contract.ts';
import { type PlainAnswer, startHttpMock } from './http-mock.ts';
import { leavesOf, textOfPath, without } from './leaves.ts';

/** What a consumer asks over HTTP. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** JSON. */
  readonly body?: unknown;
}

/** What a provider answers. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** JSON, with matchers. */
  readonly body?: unknown;
}

/** A request of a consumer, and the provider's answer. */
export interface HttpInteraction<T> extends Described<T> {
  readonly request: HttpRequest;
  readonly answer: HttpAnswer;
  /** The consumer's own client code, calling the provider at `baseUrl`. */
  readonly consume: (baseUrl: string) => Promise<T>;
}

/**
 * Declares an interaction over HTTP: the consumer's client runs against Pact's mock server, which
 * fails the test for a request that is not the contract's. Then it is given the answer with a field
 * that it does not know, which has to be no trouble to it, and without each field and header that
 * the contract promises, which it has to miss.
 */
export function httpInteraction<T>(contract: ContractInMaking, about: HttpInteraction<T>): void {
  test(about.description, async () => {
    const { request, answer } = about;
    const interaction = contract.pact.addInteraction();
    for (const { state, params } of statesOf(about.given)) {
      interaction.given(state, params as never);
    }
    await interaction
      .uponReceiving(about.description)
      .withRequest(request.method, request.path, (builder) => {
        if (request.query !== undefined) builder.query(request.query);
        if (request.headers !== undefined) builder.headers(request.headers as never);
        if (request.body !== undefined) builder.jsonBody(request.body);
      })
      .willRespondWith(answer.status, (builder) => {
        if (answer.headers !== undefined) builder.headers(answer.headers as never);
        if (answer.body !== undefined) builder.jsonBody(answer.body);
      })
      .executeTest(async (server) => {
        const outcome = await outcomeOf(() => about.consume(server.url));
        await about.expect(outcome);
        await proveNeeds(about, outcome);
      });
  });
}

async function proveNeeds<T>(
  { answer, consume, expect: judge }: HttpInteraction<T>,
  outcome: Outcome<T>,
): Promise<void> {
  await using mock = await startHttpMock();
  const made = async (changed: PlainAnswer): Promise<Outcome<T>> => {
    mock.next(changed);
    return outcomeOf(() => consume(mock.url));
  };
  const example = exampleOf<PlainAnswer>(answer);
  const { body } = example;
  if (typeof body === 'object' && body !== null) {
    await judge(await made({ ...example, body: { ...body, unknownField: 'of a newer provider' } }));
  }
  const unused: string[] = [];
  for (const path of leavesOf({ headers: example.headers ?? {}, body: body ?? {} })) {
    const less = without(example, path);
    if (sameOutcome(await made(less), outcome)) unused.push(textOfPath(path));
  }
  expect(unused, 'parts of the contract that the client does not use').toEqual([]);
}
