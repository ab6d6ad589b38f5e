import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { hasControlCharacter } from '#kit/text.ts';

/** Which of the issuer's two tokens a service takes. */
type TokenUse = 'access' | 'id';

/** What a token has to say to be acceptable, besides its signature, issuer and times. */
export interface Expectations {
  readonly tokenUse: TokenUse;
  /** The app client that the token was issued for. */
  readonly audience: string;
}

/** Claims of a token whose signature, issuer and times were verified; of any type whatever. */
export type Claims = Readonly<Record<string, unknown>>;

/** A verified caller. */
export interface Principal {
  readonly userId: string;
  readonly roles: readonly string[];
  readonly expiresAtMs: number;
  /** Empty when the token has none. */
  readonly email: string;
}

/** Why a token is not acceptable; for logs, never for the caller. */
export type RefusalReason =
  | 'malformed'
  | 'bad-signature'
  | 'unknown-key'
  | 'wrong-algorithm'
  | 'wrong-issuer'
  | 'not-yet-valid'
  | 'expired'
  | 'wrong-token-use'
  | 'wrong-audience'
  | 'no-subject'
  | 'no-expiry'
  | 'bad-roles'
  | 'bad-email';

export type Verdict =
  | { readonly kind: 'accepted'; readonly principal: Principal }
  | { readonly kind: 'rejected'; readonly reason: RefusalReason };

/**
 * A sub is a UUID in Cognito; other issuers have longer ones. It becomes a part of keys, in which
 * braces mark the part that is hashed.
 */
const USER_ID = new RegExp(`^[\\x21-\\x7a\\x7c\\x7e]{1,${LIMITS.auth.userIdChars}}$`);
const ROLES_MAX = LIMITS.auth.roles;
const ROLE_LENGTH_MAX = LIMITS.auth.roleChars;
/** RFC 3696, erratum 1690: 254 is the longest path; providers keep up to 320. */
const EMAIL_LENGTH_MAX = LIMITS.auth.emailChars;

const rejected = (reason: RefusalReason): Verdict => ({ kind: 'rejected', reason });

/** Decides whether the claims are those of a caller of this system. */
export function decide(claims: Claims, expected: Expectations): Verdict {
  if (claims['token_use'] !== expected.tokenUse) return rejected('wrong-token-use');
  if (!isFor(claims, expected)) return rejected('wrong-audience');
  const { sub, exp, email } = claims;
  if (typeof sub !== 'string' || !USER_ID.test(sub)) return rejected('no-subject');
  if (typeof exp !== 'number') return rejected('no-expiry');
  const roles = rolesOf(claims['cognito:groups']);
  if (roles === undefined) return rejected('bad-roles');
  if (typeof email === 'string' && !isPlain(email, EMAIL_LENGTH_MAX)) return rejected('bad-email');
  return {
    kind: 'accepted',
    principal: {
      userId: sub,
      roles,
      expiresAtMs: exp * 1_000,
      email: typeof email === 'string' ? email : '',
    },
  };
}

/** Cognito names the app client in `client_id` of an access token and in `aud` of an id token. */
function isFor(claims: Claims, { tokenUse, audience }: Expectations): boolean {
  switch (tokenUse) {
    case 'access':
      return claims['client_id'] === audience;
    case 'id': {
      const { aud } = claims;
      return Array.isArray(aud) ? aud.includes(audience) : aud === audience;
    }
    default:
      return tokenUse satisfies never;
  }
}

/** Absent means no roles; anything else than a list of names is not a token of ours. */
function rolesOf(groups: unknown): readonly string[] | undefined {
  if (groups === undefined) return [];
  if (!Array.isArray(groups) || groups.length > ROLES_MAX) return undefined;
  const isRole = (group: unknown): group is string =>
    typeof group === 'string' && group.length > 0 && isPlain(group, ROLE_LENGTH_MAX);
  return groups.every(isRole) ? [...new Set(groups)] : undefined;
}

const isPlain = (text: string, lengthMax: number): boolean =>
  text.length <= lengthMax && !hasControlCharacter(text);
