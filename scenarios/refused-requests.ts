import { type RestRequest, sendWithRetry } from '../harness/clients/rest.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import { socketOrRefusal } from '../harness/scenario/refusal.ts';
import { orderBody } from '../harness/scenario/user.ts';

/**
 * Claims: an invalid request is refused with a code of the error registry, and has no effect.
 * Checks: status and code of each refusal; afterwards the user has no job and no order.
 * Could be fooled: by a gateway that refuses everything; hence a valid command is accepted last.
 */
export default defineScenario({
  name: 'refused-requests',
  claims: 'invalid requests are refused and have no effect',
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
    const good = orderBody({ lines: [{ sku, quantity: 1 }], cardToken });
    const expired = await world.mint({ sub: user.userId, expiresInSeconds: -60 });
    const foreign = await world.mint({ sub: user.userId, audience: 'another-client' });
    const issuer = await world.mint({ sub: user.userId, issuer: 'https://issuer.example' });
    const forged = await world.mint({ sub: user.userId, unpublishedKey: true });
    const identity = await world.mint({ sub: user.userId, tokenUse: 'id' });
    const post = (more: Partial<RestRequest>): RestRequest => ({
      name: 'place-order',
      method: 'POST',
      path: '/v1/orders',
      token: user.token,
      userId: user.userId,
      ...more,
    });
    const { token: _token, ...anonymous } = post({ json: good });
    const refusals: ReadonlyArray<readonly [RestRequest, number, string]> = [
      [post({ json: { ...good, lines: [] } }), 400, 'invalid-request'],
      [post({ json: { ...good, surprise: true } }), 400, 'invalid-request'],
      [post({ json: { ...good, cardToken: 7 } }), 400, 'invalid-request'],
      [
        post({ json: { ...good, lines: [{ sku, quantity: 0, unitPrice: {} }] } }),
        400,
        'invalid-request',
      ],
      [
        post({ rawBody: '{"lines":', headers: { 'content-type': 'application/json' } }),
        400,
        'invalid-request',
      ],
      [
        post({ rawBody: 'x', headers: { 'content-type': 'text/plain' } }),
        415,
        'unsupported-media-type',
      ],
      [post({ json: { ...good, filler: 'x'.repeat(70_000) } }), 413, 'body-too-large'],
      [anonymous, 401, 'unauthenticated'],
      [post({ json: good, token: 'not.a.token' }), 401, 'unauthenticated'],
      [post({ json: good, token: tampered(user.token) }), 401, 'unauthenticated'],
      [post({ json: good, token: expired }), 401, 'token-expired'],
      [post({ json: good, token: foreign }), 401, 'unauthenticated'],
      [post({ json: good, token: identity }), 401, 'unauthenticated'],
      [post({ json: good, token: issuer }), 401, 'unauthenticated'],
      [post({ json: good, token: forged }), 401, 'unauthenticated'],
      [post({ json: good, token: unsigned(user.token) }), 401, 'unauthenticated'],
      [post({ method: 'GET', path: '/v1/nothing' }), 404, 'route-not-found'],
      [post({ method: 'DELETE', path: '/v1/orders' }), 405, 'method-not-allowed'],
      [
        post({ name: 'get-order', method: 'GET', path: '/v1/orders/not-a-uuid' }),
        400,
        'invalid-request',
      ],
    ];
    for (const [request, status, code] of refusals) {
      const response = await sendWithRetry(() => world.rest.send(request));
      const label = `${request.method} ${request.path} ${JSON.stringify(request.json)?.slice(0, 80)}`;
      expect([response.status, response.body['code']], label).toEqual([status, code]);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(response.body).not.toHaveProperty('jobId');
    }
    for (const [token, origin] of [
      [undefined, undefined],
      ['not.a.token', undefined],
      [expired, undefined],
      [user.token, 'https://evil.example'],
    ] as const) {
      const refused = await socketOrRefusal(user, {
        ...(token === undefined ? {} : { token }),
        ...(origin === undefined ? {} : { origin }),
      });
      expect(refused).toEqual({ refused: origin === undefined ? 401 : 403 });
    }
    expect((await user.listJobs()).body['jobs']).toEqual([]);
    expect((await user.listOrders()).body['orders']).toEqual([]);

    const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    await user.jobEnded(order.jobId);
  },
});

/** The same token with `alg: none` and without its signature. */
function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  return `${header}.${token.split('.')[1]}.`;
}

/** The same token with one character of its payload changed. */
function tampered(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const flipped = payload.at(10) === 'A' ? 'B' : 'A';
  return `${header}.${payload.slice(0, 10)}${flipped}${payload.slice(11)}.${signature}`;
}
