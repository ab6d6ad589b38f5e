import { Counter } from 'prom-client';
import { z } from 'zod';
import { common, portVar, urlVar } from '#kit/config.ts';
import { serveGrpc } from '#kit/grpc.ts';
import { runService } from '#kit/service.ts';
import { jwksVerifier } from './adapters/jwks-verifier.ts';
import { createAuthService } from './app.ts';
import { authServer } from './server.ts';

const config = common.extend({
  GRPC_PORT: portVar,
  OIDC_ISSUER: urlVar,
  OIDC_JWKS_URL: urlVar,
  OIDC_AUDIENCE: z.string().min(1),
  OIDC_TOKEN_USE: z.enum(['access', 'id']).default('access'),
});

await runService(config, async (env, context) => {
  const verifier = jwksVerifier({
    issuer: env.OIDC_ISSUER,
    jwksUrl: env.OIDC_JWKS_URL,
    clock: context.clock,
  });
  context.health.add('issuer keys', () => verifier.probe());
  const refusals = new Counter({
    name: 'auth_tokens_refused_total',
    help: 'Tokens that were refused, by why.',
    labelNames: ['reason'],
    registers: [context.metrics],
  });
  const auth = createAuthService({
    verifier,
    expected: { tokenUse: env.OIDC_TOKEN_USE, audience: env.OIDC_AUDIENCE },
    onRefusal: (reason) => refusals.inc({ reason }),
  });
  await serveGrpc(context, { port: env.GRPC_PORT, services: [authServer(auth)] });
});
