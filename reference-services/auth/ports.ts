import type { Claims, RefusalReason } from './domain.ts';

type Verification =
  | { readonly kind: 'verified'; readonly claims: Claims }
  | { readonly kind: 'rejected'; readonly reason: RefusalReason };

/** Checks what needs the issuer's keys and the time: signature, algorithm, issuer, validity. */
export interface TokenVerifier {
  /** Rejects with `unavailable` when the keys cannot be had. */
  verify(token: string): Promise<Verification>;
}
