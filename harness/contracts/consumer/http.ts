import { test } from 'vitest';
import { type ContractInMaking, type Described, outcomeOf, statesOf } from './contract.ts';

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
 * fails the test for a request that is not the contract's.
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
        await about.expect(await outcomeOf(() => about.consume(server.url)));
      });
  });
}
