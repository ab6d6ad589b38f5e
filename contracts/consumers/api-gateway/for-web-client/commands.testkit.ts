import { MatchersV3 } from '@pact-foundation/pact';
import type { ErrorCode } from '#contracts/spec/errors/registry.ts';
import type { ContractInMaking, Given } from '#harness/contracts/consumer/contract.ts';
import { AN_ID, anId } from '#harness/contracts/consumer/examples.ts';
import { type HttpRequest, httpInteraction } from '#harness/contracts/consumer/http.ts';
import { webClient } from '#harness/contracts/consumer/web-client.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { WEB_ORDER } from '#harness/contracts/fictional-order.ts';
import { type OrderOptions, orderBody, type User } from '#harness/scenario/user.ts';
import { becomes } from '../../outcomes.testkit.ts';
import {
  commanding,
  refused,
  seeing,
  sees,
  seesProblem,
  succeeded,
  wrongAt,
} from './answers.testkit.ts';

const { regex } = MatchersV3;
const { cardToken, idempotencyKey, jobId, orderId } = FICTION;

const ORDER: OrderOptions = { ...WEB_ORDER, cardToken, idempotencyKey };
const SIGNED_IN = 'the user is signed in';
const PLACEABLE = [SIGNED_IN, 'the products are in stock and the card is good'];
const APPROVED = [SIGNED_IN, 'the order is approved'];

/** More than the 64 KiB that a body may have. */
const TOO_LARGE = 'x'.repeat(65_536);

/** The ids are the provider's; `Location` is where the job is. */
const accepted = () =>
  succeeded(
    202,
    { jobId: anId(), orderId: anId() },
    {
      location: regex(
        /^\/v1\/jobs\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        `/v1/jobs/${AN_ID}`,
      ),
    },
  );

const THE_JOB = {
  status: 202,
  headers: { location: `/v1/jobs/${jobId}` },
  body: { jobId, orderId },
};

/** As a well-behaved client sends it, who wants to know what to follow the command by. */
const following =
  (use: (user: User) => Promise<{ readonly jobId: string; readonly orderId: string }>) =>
  async (baseUrl: string) => {
    await using client = webClient({ gateway: new URL(baseUrl).host });
    const { jobId, orderId } = await use(client.user);
    return { jobId, orderId };
  };

const placing = (options: Partial<OrderOptions> = {}) => {
  const order = { ...ORDER, ...options };
  return {
    path: '/v1/orders',
    request: {
      ...{ method: 'POST', path: '/v1/orders', headers: commanding() },
      body: orderBody(order),
    } satisfies HttpRequest,
    consume: seeing((user) => user.tryPlaceOrder(order)),
  };
};

const cancelling = (id: string = orderId) => {
  const path = `/v1/orders/${id}/cancel`;
  return {
    path,
    request: { method: 'POST', path, headers: commanding() } satisfies HttpRequest,
    consume: seeing((user) => user.tryCancelOrder(id, idempotencyKey)),
  };
};

type Command = ReturnType<typeof placing> | ReturnType<typeof cancelling>;

/** What commands are answered. */
export function commands(contract: ContractInMaking): void {
  const refusal = (
    { path, ...command }: Command,
    code: ErrorCode,
    about: {
      readonly description: string;
      readonly given: Given | readonly Given[];
      readonly more?: Readonly<Record<string, unknown>>;
    },
  ) => {
    const { more = {}, ...described } = about;
    httpInteraction(contract, {
      ...command,
      ...described,
      answer: refused(code, path, { more }),
      expect: seesProblem(code),
    });
  };

  httpInteraction(contract, {
    ...placing(),
    description: 'an order',
    given: PLACEABLE,
    answer: accepted(),
    expect: sees(202, { jobId: AN_ID, orderId: AN_ID }),
  });
  httpInteraction(contract, {
    ...placing(),
    description: 'an order that was placed with this key already',
    given: APPROVED,
    answer: THE_JOB,
    consume: following((user) => user.placeOrder(ORDER)),
    expect: becomes({ jobId, orderId }),
  });
  refusal(placing({ unitPrice: 1_300 }), 'idempotency-key-reused', {
    description: 'another order with a key that was used',
    given: APPROVED,
  });
  refusal(placing({ lines: [] }), 'invalid-request', {
    description: 'an order of nothing',
    given: SIGNED_IN,
    ...wrongAt('body/lines'),
  });
  refusal(placing({ country: 'Japan' }), 'invalid-request', {
    description: 'an order to a country that has no such code',
    given: SIGNED_IN,
    ...wrongAt('body/address/country'),
  });
  refusal(placing({ cardToken: TOO_LARGE }), 'body-too-large', {
    description: 'an order that is too large',
    given: SIGNED_IN,
  });
  for (const [code, given] of TOKENS) {
    refusal(placing(), code, { description: `an order when ${given}`, given });
  }
  for (const [code, given] of OUTAGES) {
    refusal(placing(), code, {
      description: `an order when ${given}`,
      given: [...PLACEABLE, given],
    });
  }
  cancellations(contract, refusal);
}

const TOKENS = [
  ['unauthenticated', 'the token is not valid'],
  ['token-expired', 'the token has expired'],
] as const;

const OUTAGES = [
  ['unavailable', 'the gateway cannot reach auth'],
  ['unavailable', 'the gateway cannot reach job-management'],
  ['unavailable', 'the gateway cannot reach order'],
  ['outcome-unknown', 'order is slow to answer the gateway'],
] as const;

type Refusal = (
  command: Command,
  code: ErrorCode,
  about: {
    readonly description: string;
    readonly given: readonly Given[];
    readonly more?: Readonly<Record<string, unknown>>;
  },
) => void;

function cancellations(contract: ContractInMaking, refusal: Refusal): void {
  httpInteraction(contract, {
    ...cancelling(),
    description: 'a cancellation',
    given: [SIGNED_IN, 'the order is approved, with another key'],
    answer: { ...accepted(), body: { jobId: anId(), orderId } },
    expect: sees(202, { orderId }),
  });
  httpInteraction(contract, {
    ...cancelling(),
    description: 'a cancellation that was asked for with this key already',
    given: [SIGNED_IN, 'the order is cancelled by the job'],
    answer: THE_JOB,
    consume: following((user) => user.cancelOrder(orderId, idempotencyKey)),
    expect: becomes({ jobId, orderId }),
  });
  refusal(cancelling(), 'idempotency-key-reused', {
    description: 'a cancellation with the key of an order',
    given: APPROVED,
  });
  refusal(cancelling(), 'order-not-found', {
    description: 'a cancellation of an order that there is not',
    given: [SIGNED_IN, 'there is no such order'],
  });
  refusal(cancelling(), 'order-not-found', {
    description: 'a cancellation of another user’s order',
    given: [SIGNED_IN, 'the order is another user’s'],
  });
  refusal(cancelling(), 'order-not-cancellable', {
    description: 'a cancellation of an order that was rejected',
    given: [SIGNED_IN, 'the order is rejected since the card was declined'],
  });
  refusal(cancelling('1234'), 'invalid-request', {
    description: 'a cancellation of something that is no order',
    given: [SIGNED_IN],
    ...wrongAt('path/orderId'),
  });
  for (const [code, given] of TOKENS) {
    refusal(cancelling(), code, { description: `a cancellation when ${given}`, given: [given] });
  }
  for (const [code, given] of OUTAGES) {
    refusal(cancelling(), code, {
      description: `a cancellation when ${given}`,
      given: [SIGNED_IN, 'the order is approved, with another key', given],
    });
  }
}
