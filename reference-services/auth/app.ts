import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { OperationalError } from '#kit/errors.ts';
import { decide, type Expectations, type Principal, type RefusalReason } from './domain.ts';
import type { TokenVerifier } from './ports.ts';

/** A header of this size passes every proxy; a real token has about 1 KiB. */
const TOKEN_LENGTH_MAX = LIMITS.auth.tokenChars;

export interface AuthParts {
  readonly verifier: TokenVerifier;
  readonly expected: Expectations;
  /** Called for every token that was refused, without the token. */
  readonly onRefusal: (reason: RefusalReason) => void;
}

export interface AuthService {
  /**
   * Says who a token speaks for. Rejects with `token-expired`, with `unauthenticated` for any other
   * fault of the token, and with `unavailable` when the issuer's keys cannot be had.
   */
  authenticate(token: string): Promise<Principal>;
}

/** The use case of auth. */
export function createAuthService({ verifier, expected, onRefusal }: AuthParts): AuthService {
  function refuse(reason: RefusalReason): never {
    onRefusal(reason);
    // The caller learns no more than this: details would help an attacker who forges tokens.
    throw new OperationalError(reason === 'expired' ? 'token-expired' : 'unauthenticated');
  }
  return {
    async authenticate(token) {
      if (token === '' || token.length > TOKEN_LENGTH_MAX) return refuse('malformed');
      const verification = await verifier.verify(token);
      if (verification.kind === 'rejected') return refuse(verification.reason);
      const verdict = decide(verification.claims, expected);
      return verdict.kind === 'accepted' ? verdict.principal : refuse(verdict.reason);
    },
  };
}
