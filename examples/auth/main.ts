/**
 * `auth` once more, in one file and with nothing of the reference services: what an implementation
 * of your own has to do to take its place. It keeps the contract (proto/sagaproof/auth/v1) and
 * has no traces and no metrics, which its manifest says.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import {
  type AuthenticateRequest,
  AuthenticateRequestSchema,
  type AuthenticateResponse,
  AuthenticateResponseSchema,
} from '#proto/sagaproof/auth/v1/auth_pb.js';

const KEYS_TIMEOUT_MS = 1_500;
const TOKEN_LENGTH_MAX = 8_192;

const { LISTEN = '', ISSUER = '', JWKS_URL = '', CLIENT_ID = '' } = process.env;
const keys = createRemoteJWKSet(new URL(JWKS_URL), {
  timeoutDuration: KEYS_TIMEOUT_MS,
  cooldownDuration: 500,
});

async function principalOf(token: string) {
  if (token.length > TOKEN_LENGTH_MAX) throw new errors.JWTInvalid('the token is too long');
  const { payload } = await jwtVerify(token, keys, {
    issuer: ISSUER,
    algorithms: ['RS256', 'ES256'],
    clockTolerance: 5,
    requiredClaims: ['sub', 'exp'],
  });
  const { sub, exp = 0, email, token_use: use, client_id: client } = payload;
  const isOurs = use === 'access' && client === CLIENT_ID && /^[\x21-\x7e]{1,128}$/.test(sub ?? '');
  if (!isOurs) throw new errors.JWTInvalid('the token is not for this system');
  const groups = payload['cognito:groups'];
  return {
    userId: sub ?? '',
    roles: Array.isArray(groups) ? groups.map(String) : [],
    expiresAt: timestampFromMs(exp * 1_000),
    email: typeof email === 'string' ? email : '',
  };
}

/** Callers match on the code in the trailer; see contracts/spec/errors/registry.ts. */
function refusal(error: unknown) {
  const isFaultOfToken = error instanceof errors.JOSEError && !isOutage(error);
  const code = error instanceof errors.JWTExpired ? 'token-expired' : 'unauthenticated';
  const metadata = new Metadata();
  metadata.set('sagaproof-error-code', isFaultOfToken ? code : 'unavailable');
  return { code: isFaultOfToken ? status.UNAUTHENTICATED : status.UNAVAILABLE, metadata };
}

/** Keys that cannot be had say nothing about the token. */
const isOutage = (error: errors.JOSEError): boolean =>
  error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC';

function authenticate(
  { request }: ServerUnaryCall<AuthenticateRequest, AuthenticateResponse>,
  answer: sendUnaryData<AuthenticateResponse>,
): void {
  principalOf(request.accessToken).then(
    (principal) => answer(null, create(AuthenticateResponseSchema, { principal })),
    (error: unknown) => answer(refusal(error)),
  );
}

const method = {
  path: '/sagaproof.auth.v1.AuthService/Authenticate',
  requestStream: false as const,
  responseStream: false as const,
  requestSerialize: (m: AuthenticateRequest) => Buffer.from(toBinary(AuthenticateRequestSchema, m)),
  requestDeserialize: (bytes: Buffer) => fromBinary(AuthenticateRequestSchema, bytes),
  responseSerialize: (m: AuthenticateResponse) =>
    Buffer.from(toBinary(AuthenticateResponseSchema, m)),
  responseDeserialize: (bytes: Buffer) => fromBinary(AuthenticateResponseSchema, bytes),
};

const server = new Server();
const health = new HealthImplementation({ '': 'SERVING' });
health.addToServer(server);
server.addService({ authenticate: method }, { authenticate });
server.bindAsync(LISTEN, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});

process.once('SIGTERM', () => {
  health.setStatus('', 'NOT_SERVING');
  server.tryShutdown(() => process.exit(0));
});
