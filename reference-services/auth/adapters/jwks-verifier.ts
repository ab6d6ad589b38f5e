import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify, type RemoteJWKSet } from 'jose';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { OperationalError } from '#kit/errors.ts';
import type { RefusalReason } from '../domain.ts';
import type { TokenVerifier } from '../ports.ts';

/** What Cognito signs with, and its successor. Never a symmetric one: the keys are public. */
const ALGORITHMS = ['RS256', 'ES256'];
/** For clocks that differ. */
const CLOCK_TOLERANCE_SECONDS = LIMITS.auth.clockToleranceMs / 1_000;
/** One answer of the issuer; a caller waits for it at most once. */
const FETCH_TIMEOUT_MS = 1_500;
/** Between two fetches for keys that are not there: forged key ids must not become a storm. */
const COOLDOWN_MS = 500;
/** Keys are fetched again after this long, so that a key that was withdrawn stops working. */
const KEYS_AGE_MS_MAX = LIMITS.auth.keysAgeMs;

export interface JwksVerifierOptions {
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly clock: { now(): number };
}

export interface JwksVerifier extends TokenVerifier {
  /** Rejects when no keys were ever had and none can be fetched. */
  probe(): Promise<void>;
}

/** Verifies tokens with the keys that their issuer publishes. */
export function jwksVerifier({ issuer, jwksUrl, clock }: JwksVerifierOptions): JwksVerifier {
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: KEYS_AGE_MS_MAX,
  });
  const getKey = availableKeys(keys, clock);
  return {
    async probe() {
      if (keys.jwks() === undefined) await keys.reload();
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, getKey, {
          issuer,
          algorithms: ALGORITHMS,
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(clock.now()),
          requiredClaims: ['exp'],
        });
        return { kind: 'verified', claims: payload };
      } catch (error) {
        const reason = refusalOf(error);
        if (reason === undefined) throw error;
        return { kind: 'rejected', reason };
      }
    },
  };
}

/** Tells a key that does not exist from keys that cannot be had; remembers the latter a while. */
function availableKeys(keys: RemoteJWKSet, clock: { now(): number }): JWTVerifyGetKey {
  let failure: { readonly error: unknown; readonly untilMs: number } | undefined;
  return async (header, token) => {
    if (failure !== undefined && clock.now() < failure.untilMs) throw unavailable(failure.error);
    try {
      const key = await keys(header, token);
      failure = undefined;
      return key;
    } catch (error) {
      if (refusalOf(error) !== undefined) throw error;
      // Only while no key is known: a known one needs no issuer.
      if (keys.jwks() === undefined) failure = { error, untilMs: clock.now() + COOLDOWN_MS };
      throw unavailable(error);
    }
  };
}

const unavailable = (cause: unknown) =>
  new OperationalError('unavailable', { detail: "the issuer's keys cannot be had", cause });

/** jose's codes, as far as they say that the token is at fault. */
const REFUSALS: Readonly<Record<string, RefusalReason>> = {
  ERR_JWT_EXPIRED: 'expired',
  ERR_JOSE_ALG_NOT_ALLOWED: 'wrong-algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'wrong-algorithm',
  ERR_JWKS_NO_MATCHING_KEY: 'unknown-key',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'unknown-key',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'bad-signature',
  ERR_JWS_INVALID: 'malformed',
  ERR_JWT_INVALID: 'malformed',
};

const CLAIM_REFUSALS: Readonly<Record<string, RefusalReason>> = {
  iss: 'wrong-issuer',
  nbf: 'not-yet-valid',
  exp: 'no-expiry',
};

function refusalOf(error: unknown): RefusalReason | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return undefined;
  }
  if (error.code === 'ERR_JWT_CLAIM_VALIDATION_FAILED') {
    const claim = 'claim' in error ? String(error.claim) : '';
    return CLAIM_REFUSALS[claim] ?? 'malformed';
  }
  return REFUSALS[error.code];
}
