import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testContext } from '#kit/context.testkit.ts';
import { errorCodeOf } from '#kit/errors.ts';
import { grpcClient, serveGrpc } from '#kit/grpc.ts';
import type { OwnedContext } from '#kit/service.ts';
import { AuthService } from '#proto/sagaproof/auth/v1/auth_pb.js';
import { jwksVerifier } from './adapters/jwks-verifier.ts';
import { createAuthService } from './app.ts';
import { authServer } from './server.ts';

const AUDIENCE = 'shop';

/** Claims to change; undefined leaves one out. */
type Changes = { readonly [K in keyof JWTPayload]: JWTPayload[K] | undefined };

interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  readonly jwk: JWK;
}

/** An issuer's key endpoint; counts its fetches and answers as the test wants. */
class Issuer {
  readonly keys: Key[] = [];
  fetches = 0;
  answer: 'keys' | 'error' | 'never' = 'keys';
  readonly #server: Server;

  constructor() {
    this.#server = createServer((_request, response) => {
      this.fetches += 1;
      if (this.answer === 'never') return;
      response.statusCode = this.answer === 'keys' ? 200 : 500;
      response.end(JSON.stringify({ keys: this.keys.map((key) => key.jwk) }));
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async addKey(alg = 'RS256', isPublished = true): Promise<Key> {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const kid = randomUUID();
    const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
    const key = { kid, alg, privateKey, jwk };
    if (isPublished) this.keys.push(key);
    return key;
  }

  mint(key: Key, changes: Changes = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { token_use: 'access', client_id: AUDIENCE, sub: 'user-1', iss: this.url };
    return new SignJWT({ ...claims, iat: now, exp: now + 60, ...changes } as JWTPayload)
      .setProtectedHeader({ alg: key.alg, kid: key.kid })
      .sign(key.privateKey);
  }
}

let issuer: Issuer;
let context: OwnedContext;

beforeEach(async () => {
  issuer = new Issuer();
  await issuer.start();
  context = testContext('auth-1');
});
afterEach(async () => {
  await context.end();
  await issuer.stop();
});

async function startAuth() {
  const refusals: string[] = [];
  let aheadMs = 0;
  const verifier = jwksVerifier({
    issuer: issuer.url,
    jwksUrl: `${issuer.url}/jwks`,
    clock: { now: () => Date.now() + aheadMs },
  });
  const auth = createAuthService({
    verifier,
    expected: { tokenUse: 'access', audience: AUDIENCE },
    onRefusal: (reason) => refusals.push(reason),
  });
  const port = await serveGrpc(context, { port: 0, services: [authServer(auth)] });
  const client = grpcClient(context, AuthService, `127.0.0.1:${port}`, { deadlineMs: 4_000 });
  return {
    verifier,
    refusals,
    pass(ms: number) {
      aheadMs += ms;
    },
    authenticate: (accessToken: string) => client.authenticate({ accessToken }),
    refusalOf: (accessToken: string) => client.authenticate({ accessToken }).catch(errorCodeOf),
  };
}

describe('a token of the issuer', () => {
  it.each(['RS256', 'ES256'])('is accepted when it is signed with %s', async (alg) => {
    const auth = await startAuth();
    const token = await issuer.mint(await issuer.addKey(alg), { 'cognito:groups': ['admins'] });
    const { principal } = await auth.authenticate(token);
    expect(principal).toMatchObject({ userId: 'user-1', roles: ['admins'], email: '' });
    expect(Number(principal?.expiresAt?.seconds)).toBeGreaterThan(Date.now() / 1_000);
  });

  it('is accepted while its key is cached and the issuer is gone', async () => {
    const auth = await startAuth();
    const key = await issuer.addKey();
    await auth.authenticate(await issuer.mint(key));
    issuer.answer = 'error';
    expect((await auth.authenticate(await issuer.mint(key))).principal?.userId).toBe('user-1');
    expect(issuer.fetches).toBe(1);
  });

  it('is accepted a few seconds after its expiry and expired after more', async () => {
    const auth = await startAuth();
    const key = await issuer.addKey();
    const now = Math.floor(Date.now() / 1_000);
    await auth.authenticate(await issuer.mint(key, { exp: now - 2 }));
    expect(await auth.refusalOf(await issuer.mint(key, { exp: now - 7 }))).toBe('token-expired');
  });
});

describe('a token that is not acceptable', () => {
  const now = Math.floor(Date.now() / 1_000);

  it.each<[string, Changes, string]>([
    ['another issuer', { iss: 'http://127.0.0.1:1' }, 'wrong-issuer'],
    ['another client', { client_id: 'other' }, 'wrong-audience'],
    ['another use', { token_use: 'id' }, 'wrong-token-use'],
    ['a time to come', { nbf: now + 600 }, 'not-yet-valid'],
    ['no expiry', { exp: undefined }, 'no-expiry'],
    ['no subject', { sub: undefined }, 'no-subject'],
  ])('is refused for %s', async (_, changes, reason) => {
    const auth = await startAuth();
    const token = await issuer.mint(await issuer.addKey(), changes);
    expect(await auth.refusalOf(token)).toBe('unauthenticated');
    expect(auth.refusals).toEqual([reason]);
  });

  it.each([
    ['nothing', ''],
    ['no JWT', 'abc'],
    ['three parts that say nothing', 'a.b.c'],
    ['something too long', 'x'.repeat(9_000)],
    ['an unsigned token', new UnsecuredJWT({ sub: 'user-1' }).encode()],
  ])('is refused when it is %s', async (_, token) => {
    const auth = await startAuth();
    await issuer.addKey();
    expect(await auth.refusalOf(token)).toBe('unauthenticated');
  });

  it('is refused when a key of its own signed it under the id of a published one', async () => {
    const auth = await startAuth();
    const published = await issuer.addKey();
    const forged = await issuer.addKey('RS256', false);
    const token = await issuer.mint({ ...forged, kid: published.kid });
    expect(await auth.refusalOf(token)).toBe('unauthenticated');
    expect(auth.refusals).toEqual(['bad-signature']);
  });

  it('is refused when the public key was used as a shared secret', async () => {
    const auth = await startAuth();
    const { kid, jwk } = await issuer.addKey();
    const secret = new TextEncoder().encode(JSON.stringify(jwk));
    const token = await new SignJWT({ sub: 'user-1', token_use: 'access', client_id: AUDIENCE })
      .setProtectedHeader({ alg: 'HS256', kid })
      .setIssuer(issuer.url)
      .setExpirationTime('1m')
      .sign(secret);
    expect(await auth.refusalOf(token)).toBe('unauthenticated');
    expect(auth.refusals).toEqual(['wrong-algorithm']);
  });
});

describe("the issuer's keys", () => {
  it('are fetched once more for a key that is new', async () => {
    const auth = await startAuth();
    await auth.authenticate(await issuer.mint(await issuer.addKey()));
    const rotated = await issuer.addKey();
    const token = await issuer.mint(rotated);
    await expect
      .poll(async () => (await auth.authenticate(token)).principal?.userId, { timeout: 2_000 })
      .toBe('user-1');
    expect(issuer.fetches).toBe(2);
  });

  it('are fetched once for many tokens with unknown key ids', async () => {
    const auth = await startAuth();
    await auth.authenticate(await issuer.mint(await issuer.addKey()));
    const before = issuer.fetches;
    const forged = await Promise.all(
      Array.from({ length: 30 }, async () =>
        issuer.mint({ ...(await issuer.addKey('ES256', false)), kid: randomUUID() }),
      ),
    );
    const codes = await Promise.all(forged.map((token) => auth.refusalOf(token)));
    expect(new Set(codes)).toEqual(new Set(['unauthenticated']));
    expect(issuer.fetches - before).toBeLessThanOrEqual(1);
  });

  it.each(['error', 'never'] as const)(
    'make it unavailable when they cannot be had (%s), and not at every call',
    async (answer) => {
      const auth = await startAuth();
      const token = await issuer.mint(await issuer.addKey());
      issuer.answer = answer;
      await expect(auth.verifier.probe()).rejects.toThrow();
      const codes = await Promise.all(Array.from({ length: 5 }, () => auth.refusalOf(token)));
      expect(new Set(codes)).toEqual(new Set(['unavailable']));
      expect(await auth.refusalOf(token)).toBe('unavailable');
      expect(issuer.fetches).toBe(2);
      issuer.answer = 'keys';
      auth.pass(600);
      expect((await auth.authenticate(token)).principal?.userId).toBe('user-1');
    },
  );
});
