import type { Message } from '../../pacts/interaction.ts';
import type { StateContext } from './state.ts';
import type { RecordTap } from './tap.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a protocol needs to know of the provider under verification. */
export interface Place {
  readonly provider: string;
  /** Every record that crosses the broker; throws where no broker runs. */
  tap(): RecordTap;
}

/** The real side of messages that Pact has no transport for. */
export interface Protocol {
  /** Does what a synchronous message asks and says what was answered. */
  answer?(context: StateContext, place: Place, request: Json): Promise<unknown>;
  /** What really crossed of an asynchronous message that the contract expects. */
  capture?(context: StateContext, place: Place, expected: Expected): Promise<Message>;
}

/** The example of an asynchronous message, with the contract's names. */
export interface Expected {
  readonly description: string;
  readonly metadata: Json;
  readonly contents: unknown;
}
