import type { ErrorCode } from '#contracts/spec/errors/registry.ts';
import type { RestResponse } from '#harness/clients/rest.ts';
import type { ContractInMaking, Given } from '#harness/contracts/consumer/contract.ts';
import { type HttpAnswer, httpInteraction } from '#harness/contracts/consumer/http.ts';
import type { OperationName } from '#harness/history/event.ts';
import type { User } from '#harness/scenario/user.ts';
import {
  asking,
  refused,
  seeing,
  sees,
  seesProblem,
  succeeded,
  wrongAt,
} from './answers.testkit.ts';

type Json = Readonly<Record<string, unknown>>;
export type Query = Readonly<Record<string, string>>;

const SIGNED_IN = 'the user is signed in';

/** States that several questions are about. */
export const DECLINED = 'the order is rejected since the card was declined';
export const STUCK = 'the order waits for its payment to be captured';
export const TWO = 'the other order is placed, and then the order';
export const secondPage = (list: string) => `there is a token of the second page of ${list}`;

/** A question, and how the web client asks it. */
interface Question {
  readonly what: string;
  readonly name: OperationName;
  readonly path: string;
  readonly query?: Query;
  /** Retries when the answer says to come back. */
  readonly ask: (user: User) => Promise<RestResponse>;
  /** The service that answers it, behind the gateway. */
  readonly behind: string;
}

/** A query in the form that an address has. */
export const textOf = (query: Query = {}): string => {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
};

/** Declares answers to a question. */
export function about(
  contract: ContractInMaking,
  { what, name, path, query, ask, behind }: Question,
) {
  const request = {
    ...({ method: 'GET', path, headers: asking() } as const),
    ...(query === undefined ? {} : { query }),
  };
  const declare = (
    given: string | readonly Given[],
    answer: HttpAnswer,
    made: ReturnType<typeof sees>,
    consume: (user: User) => Promise<RestResponse>,
  ) => {
    const states = [given].flat();
    httpInteraction(contract, {
      description: `a question for ${what}: ${states.at(-1)}`,
      given: states,
      ...{ request, answer },
      consume: seeing(consume),
      expect: made,
    });
  };
  /** Once: the client itself retries when the answer is `unavailable`. */
  const once = (user: User) => user.tryGet(name, `${path}${textOf(query)}`);
  const refuses = (code: ErrorCode, given: string | readonly Given[], more: Json = {}) =>
    declare(given, refused(code, path, { more }), seesProblem(code), once);
  return {
    answers: (given: string | readonly Given[], body: Json, made: Json) =>
      declare([SIGNED_IN, ...[given].flat()], succeeded(200, body), sees(200, made), ask),
    refuses: (code: ErrorCode, given: string) => refuses(code, [SIGNED_IN, given]),
    /** With where the request is wrong. */
    finds: (pointer: string) => refuses('invalid-request', SIGNED_IN, wrongAt(pointer).more),
    /** What can happen to every question. */
    fails: () => {
      refuses('unauthenticated', 'the token is not valid');
      refuses('token-expired', 'the token has expired');
      refuses('unavailable', [SIGNED_IN, `the gateway cannot reach ${behind}`]);
    },
  };
}
