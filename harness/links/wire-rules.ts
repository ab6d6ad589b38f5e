/**
 * Rules of the wire proxy: which operation they wait for, and what then happens to it. The proxy
 * keeps them; {@link WireControl} arms and lifts them.
 */

/**
 * Where a rule acts on its operation.
 *
 * - `request`: it has arrived at the proxy; the dependency has seen nothing of it.
 * - `answer`: the dependency has done it and answered; the service has seen no byte of the answer.
 * - `answered`: the answer has been passed on.
 */
export type WirePoint = 'request' | 'answer' | 'answered';

export type WireAction =
  /** Kept until it is released. Later messages of the same direction wait behind it. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'delay'; readonly ms: number; readonly jitterMs?: number }
  /** The request or the answer is lost; the connection stays open. */
  | { readonly kind: 'drop' }
  /** Answered with an error of the protocol; a request does not reach the dependency. */
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'duplicate' }
  /** Exchanged with the next message of the same direction that begins an operation. */
  | { readonly kind: 'reorder' }
  /** Bytes are replaced by others of the same length. */
  | { readonly kind: 'replace'; readonly find: string; readonly by: string }
  /** The connection ends at this point; `midway` after the first half of the message. */
  | { readonly kind: 'cut'; readonly midway?: boolean }
  /** From here on nothing passes on this connection, and it stays open. */
  | { readonly kind: 'black-hole' };

export interface WireRule {
  /** `<service>→<dependency>`. */
  readonly link: string;
  /** The name of an operation: `kafka.produce`. */
  readonly operation: string;
  /** Attributes of the operation; at `answer` and `answered` those of the answer count, too. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** Each of these occurs in the content of the operation; as for `where`. */
  readonly contains?: readonly string[];
  readonly point: WirePoint;
  readonly action: WireAction;
  /** The first operation that is hit among those that match, from 1, the default. */
  readonly occurrence?: number;
  /** How many are hit; 1 by default, `Infinity` until it is lifted. */
  readonly times?: number;
  /** Waits until this other rule has hit. */
  readonly after?: string;
}

/** An operation that a rule has hit. */
export interface WireHit {
  readonly id: string;
  readonly rule: string;
  readonly link: string;
  readonly connection: number;
  readonly operation: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly point: WirePoint;
  readonly atMs: number;
}

/** What happens to a held operation. */
export type WireRelease = 'forward' | 'drop' | 'cut';

export interface ArmedRule extends AsyncDisposable {
  readonly id: string;
  readonly rule: WireRule;
  /** Hits so far. */
  readonly hits: readonly WireHit[];
  /** The n-th hit, from 1, the default: at once if it has happened. Rejects when aborted. */
  hit(options?: { readonly nth?: number; readonly signal?: AbortSignal }): Promise<WireHit>;
  /** Lets a held operation go on, be lost, or end with its connection. */
  release(hit: WireHit, as: WireRelease): Promise<void>;
  /** Removes the rule; what it holds is forwarded. Lifting it twice is no error. */
  lift(): Promise<void>;
}

export interface WireControl extends AsyncDisposable {
  /** @throws if the link has no wire proxy, or the operation is none of the link's protocol */
  arm(rule: WireRule): Promise<ArmedRule>;
  /** The rules of every process that talks to this proxy. */
  rules(): Promise<readonly { readonly id: string; readonly rule: WireRule }[]>;
  /** Lifts every rule, whichever process armed it. */
  clear(): Promise<void>;
}
