import { expect } from 'vitest';
import {
  type FrameMetadata,
  frameName,
  framesBefore,
  type Said,
  type SocketAnswer,
  type SocketHandshake,
} from '../../pacts/socket-interaction.ts';
import type { User } from '../../scenario/user.ts';
import {
  type ContractInMaking,
  type Described,
  exampleOf,
  type Outcome,
  outcomeOf,
  sameOutcome,
} from './contract.ts';
import { leavesOf, textOfPath, without } from './leaves.ts';
import { exchangeInteraction, messageInteraction } from './message.ts';
import { type SocketPlay, startSocketMock } from './socket-mock.ts';
import { webClient } from './web-client.ts';

type Json = Readonly<Record<string, unknown>>;

/** The web client's own code, with the user whose sockets lead to the provider. */
type Consume<T> = (user: User) => Promise<T>;

/** A handshake, what the client says after it, and how both are answered. */
export interface SocketExchange<T> extends Described<T> {
  readonly handshake: SocketHandshake;
  readonly says?: readonly Said[];
  /** As in `SocketRequest`. */
  readonly only?: string;
  readonly untilClosed?: boolean;
  /** With matchers. */
  readonly answer: Json & { readonly status: number };
  readonly consume: Consume<T>;
}

/**
 * Declares a handshake and what is said after it. The test runs the web client against a server
 * that gives the contract's answer, and holds that the client asks for this socket and says this
 * and nothing else, that frames with a field which it does not know are no trouble to it, and that
 * it misses each field that the contract promises.
 */
export function socketExchange<T>(contract: ContractInMaking, about: SocketExchange<T>): void {
  const { handshake, says = [], only, untilClosed } = about;
  const limits = { ...(only ? { only } : {}), ...(untilClosed ? { untilClosed } : {}) };
  exchangeInteraction<T>(contract, {
    description: about.description,
    given: about.given,
    expect: about.expect,
    request: { protocol: 'ws', handshake, says, ...limits },
    answer: about.answer,
    consume: async (_, example) => {
      const answer = example as unknown as SocketAnswer;
      const { frames = [] } = answer;
      return proven(about, frames, (changed) => ({
        answer: { ...answer, frames: changed },
        says: oneByOne(says),
      }));
    },
  });
}

/** A frame that comes unasked, once a subscription holds. */
export interface FrameInteraction<T> extends Described<T> {
  readonly handshake: SocketHandshake;
  /** The client's message that subscribes, and the frame that acknowledges it. */
  readonly subscribe: Json & { readonly level: string };
  readonly subscribed: Json;
  /** Frames of this subscription that have to come before, by {@link frameName}. */
  readonly after?: readonly string[];
  /** The frame, with matchers. */
  readonly frame: Json;
  readonly consume: Consume<T>;
}

/** Declares a frame that comes unasked; the test is that of {@link socketExchange}. */
export function frameInteraction<T>(contract: ContractInMaking, about: FrameInteraction<T>): void {
  const { subscribe, after = [] } = about;
  const metadata = {
    protocol: 'ws',
    subscription: subscribe['jobId'] === undefined ? 'all' : 'job',
    level: subscribe.level,
    afterSequence: String(subscribe['afterSequence'] ?? 0),
    frame: frameName(exampleOf<Json>(about.frame)),
    after: framesBefore(after),
  } satisfies FrameMetadata;
  messageInteraction<T>(contract, {
    description: about.description,
    given: about.given,
    expect: about.expect,
    metadata,
    contents: about.frame,
    consume: (frame) =>
      proven(about, [frame], (unasked) => ({
        answer: { status: 101, subprotocol: 'sagaproof.v1', frames: [about.subscribed] },
        unasked,
        says: [{ json: subscribe }],
      })),
  });
}

const oneByOne = (says: readonly Said[]): Said[] =>
  says.flatMap((said) =>
    'json' in said
      ? Array.from({ length: said.times ?? 1 }, (): Said => ({ json: said.json }))
      : [said],
  );

type Played<T> = Pick<SocketExchange<T>, 'handshake' | 'expect' | 'consume'>;

/** What the client makes of the frames, once it is proven that it needs just them. */
async function proven<T>(
  about: Played<T>,
  frames: readonly Json[],
  play: (frames: readonly Json[]) => SocketPlay,
): Promise<T> {
  await using mock = await startSocketMock();
  await using client = webClient({ websocket: mock.address });
  const consumed = async (changed: readonly Json[], thenClose: boolean): Promise<Outcome<T>> => {
    mock.next({ ...play(changed), thenClose });
    const outcome = await outcomeOf(() => about.consume(client.user));
    expect(mock.handshakes, 'what the client asked for').toEqual([about.handshake]);
    return outcome;
  };
  const outcome = await consumed(frames, false);
  expect(mock.said, 'what the client said').toEqual(play(frames).says);
  const newer = frames.map((frame) => ({ ...frame, unknownField: 'of a newer provider' }));
  await about.expect(await consumed(newer, false));
  const unused: string[] = [];
  for (const path of leavesOf(frames)) {
    const less = await consumed(without(frames, path), true);
    if (sameOutcome(less, outcome)) unused.push(textOfPath(path));
  }
  expect(unused, 'fields in the contract that the client does not use').toEqual([]);
  if (outcome.kind === 'failed') throw outcome.error;
  return outcome.value;
}
