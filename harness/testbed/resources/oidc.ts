/**
 * An OIDC issuer with tokens in the shape of Amazon Cognito's: `token_use`, `cognito:groups`,
 * `username`, and in access tokens `client_id` where others have `aud`. Discovery and JWKS come
 * from `oidc-provider`; the harness mints tokens of every kind it needs, bad ones included.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { z } from 'zod';
import type { AddressBook } from '../../kernel/address-book.ts';
import { type Endpoint, hostPort } from '../endpoints.ts';
import { getJson, hostedResource } from '../hosted.ts';
import type { Resource } from '../resource.ts';

const ALGORITHM = 'RS256';
const KEY_BITS = 2_048;
/** Cognito's default life of an access token. */
const EXPIRES_IN_SECONDS = 3_600;
const BODY_BYTES_MAX = 16 * 1024;

type OidcEntry = AddressBook['oidc'];

export function oidcEntry(endpoint: Endpoint, audience: string): OidcEntry {
  const issuer = `http://${hostPort(endpoint)}`;
  return {
    issuer,
    audience,
    mintUrl: `${issuer}/harness/mint`,
    rotateUrl: `${issuer}/harness/rotate`,
  };
}

export function oidcResource(endpoint: Endpoint, entry: OidcEntry): Resource {
  return hostedResource({
    name: 'oidc',
    endpoint,
    start: () => startIssuer(endpoint, entry),
    answers: async (signal) => {
      const url = `${entry.issuer}/.well-known/openid-configuration`;
      const { issuer } = (await getJson(url, signal)) as { issuer: string };
      if (issuer !== entry.issuer) throw new Error(`it calls itself ${issuer}`);
    },
  });
}

interface SigningKey {
  readonly kid: string;
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  readonly jwk: JWK;
}

async function newKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(ALGORITHM, {
    modulusLength: KEY_BITS,
    extractable: true,
  });
  const kid = randomUUID();
  const jwk = { ...(await exportJWK(privateKey)), kid, use: 'sig', alg: ALGORITHM };
  return { kid, privateKey, jwk };
}

const MintBody = z.strictObject({
  sub: z.string().min(1).max(256),
  groups: z.array(z.string().max(128)).max(64).optional(),
  email: z.string().max(256).optional(),
  /** Negative: a token that has expired already. */
  expiresInSeconds: z.int().min(-86_400).max(86_400).default(EXPIRES_IN_SECONDS),
  tokenUse: z.enum(['access', 'id']).default('access'),
  /** Another app client than the one that the services accept. */
  audience: z.string().max(256).optional(),
  issuer: z.string().max(512).optional(),
  /** Signs with a key that the JWKS has never had. */
  unpublishedKey: z.boolean().default(false),
});

const RotateBody = z.strictObject({
  /** True: no new key; the ones that no longer sign leave the JWKS. */
  drop: z.boolean().default(false),
});

/** @returns what closes it; it listens when the promise resolves */
async function startIssuer({ host, port }: Endpoint, entry: OidcEntry): Promise<AsyncDisposable> {
  const { Provider } = await import('oidc-provider');
  /** The first signs; the others are only published. */
  let keys: readonly SigningKey[] = [await newKey()];
  const publish = () =>
    new Provider(entry.issuer, {
      jwks: { keys: keys.map((key) => key.jwk) },
      routes: { jwks: '/.well-known/jwks.json' },
      clients: [],
      cookies: { keys: [randomBytes(16).toString('hex')] },
      features: { devInteractions: { enabled: false } },
    }).callback();
  let serve = publish();
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    serverFactory: (handle) =>
      createServer((request, response) => {
        if (request.url?.startsWith('/harness/')) handle(request, response);
        else void serve(request, response);
      }),
  });
  addMint(app, entry, () => keys);
  app.post('/harness/rotate', async (request) => {
    const { drop } = RotateBody.parse(request.body ?? {});
    keys = drop ? keys.slice(0, 1) : [await newKey(), ...keys];
    serve = publish();
    return { signing: keys[0]?.kid, published: keys.map((key) => key.kid) };
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const text = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return reply.code(error instanceof z.ZodError ? 400 : 500).send({ error: text });
  });
  await app.listen({ port, host });
  return { [Symbol.asyncDispose]: () => app.close() };
}

function addMint(app: FastifyInstance, entry: OidcEntry, keys: () => readonly SigningKey[]): void {
  app.post('/harness/mint', async (request) => {
    const body = MintBody.parse(request.body);
    const key = body.unpublishedKey ? await newKey() : keys()[0];
    if (!key) throw new Error('the issuer has no signing key');
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const expiresAt = nowSeconds + body.expiresInSeconds;
    const token = await new SignJWT(claimsOf(body, entry.audience))
      .setProtectedHeader({ alg: ALGORITHM, kid: key.kid })
      .setIssuer(body.issuer ?? entry.issuer)
      .setSubject(body.sub)
      .setJti(randomUUID())
      .setIssuedAt(Math.min(nowSeconds, expiresAt - 1))
      .setExpirationTime(expiresAt)
      .sign(key.privateKey);
    return {
      [body.tokenUse === 'id' ? 'id_token' : 'access_token']: token,
      token_type: 'Bearer',
      expires_in: body.expiresInSeconds,
    };
  });
}

function claimsOf(body: z.infer<typeof MintBody>, audience: string): Record<string, unknown> {
  const client = body.audience ?? audience;
  const groups = body.groups === undefined ? {} : { 'cognito:groups': body.groups };
  if (body.tokenUse === 'id') {
    const email = body.email === undefined ? {} : { email: body.email, email_verified: true };
    return { aud: client, token_use: 'id', 'cognito:username': body.sub, ...email, ...groups };
  }
  return {
    client_id: client,
    token_use: 'access',
    scope: 'openid',
    username: body.sub,
    ...(body.email === undefined ? {} : { email: body.email }),
    ...groups,
  };
}
