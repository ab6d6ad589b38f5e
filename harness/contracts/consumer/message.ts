import { test } from 'vitest';
import {
  type ContractInMaking,
  type Described,
  exampleOf,
  outcomeOf,
  statesOf,
} from './contract.ts';

type Json = Readonly<Record<string, unknown>>;

/** A request and its answer over a protocol that Pact has no transport for. */
export interface ExchangeInteraction<T> extends Described<T> {
  /** `{ protocol, … }`: what the protocol's bridge understands. */
  readonly request: { readonly protocol: string } & Json;
  /** What the bridge answers, with matchers. */
  readonly answer: Json;
  /** The consumer's own code, with the examples of both. */
  readonly consume: (request: Json, answer: Json) => Promise<T>;
}

/** Declares a synchronous message, such as what a socket's client says and is answered. */
export function exchangeInteraction<T>(
  contract: ContractInMaking,
  about: ExchangeInteraction<T>,
): void {
  test(about.description, async () => {
    const interaction = contract.pact.addSynchronousInteraction(about.description);
    for (const { state, params } of statesOf(about.given)) {
      interaction.given(state, params as never);
    }
    await interaction
      .withRequest((builder) => builder.withJSONContent(about.request))
      .withResponse((builder) => builder.withJSONContent(about.answer))
      .executeTest(async () => {
        const consumed = () =>
          about.consume(exampleOf<Json>(about.request), exampleOf<Json>(about.answer));
        await about.expect(await outcomeOf(consumed));
      });
  });
}

/** Something that a provider sends unasked, over any protocol. */
export interface MessageInteraction<T> extends Described<T> {
  /** `{ protocol, … }`: what is compared besides the contents, all of it text. */
  readonly metadata: { readonly protocol: string } & Json;
  readonly contents: Json;
  readonly consume: (contents: Json) => Promise<T>;
}

/** Declares an asynchronous message, such as a frame that a socket's client gets. */
export function messageInteraction<T>(
  contract: ContractInMaking,
  about: MessageInteraction<T>,
): void {
  test(about.description, async () => {
    const interaction = contract.pact.addAsynchronousInteraction();
    for (const { state, params } of statesOf(about.given)) {
      interaction.given(state, params as never);
    }
    await interaction
      .expectsToReceive(about.description, (builder) =>
        builder.withMetadata(about.metadata as never).withJSONContent(about.contents),
      )
      .executeTest(async () => {
        const contents = exampleOf<Json>(about.contents);
        await about.expect(await outcomeOf(() => about.consume(contents)));
      });
  });
}
