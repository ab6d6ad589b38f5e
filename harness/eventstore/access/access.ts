/** Who may do what: any caller anything, or by users and access control lists. */
import { type EventStore, isMetastream, metastreamOf, originalStreamOf } from '../store.ts';
import {
  type Acl,
  ADMINS,
  DEFAULT_ACLS,
  type DefaultAcls,
  isAllowed,
  OPERATORS,
  parseAcl,
  parseDefaultAcls,
  type StreamOperation,
  target,
  type User,
} from './acl.ts';
import { AccessError } from './errors.ts';
import { guardStore } from './guarded-store.ts';
import type { UserDirectory } from './users.ts';

/** What a caller shows of itself. */
export interface Credentials {
  readonly basic: { readonly name: string; readonly password: string } | undefined;
  /** The name in a client certificate that our authority signed. */
  readonly certificateName: string | undefined;
}

export interface Session {
  readonly user: User;
  /** The store as this caller may use it. */
  readonly store: EventStore;
  readonly isAuthenticated: boolean;
  readonly mayOperate: boolean;
  readonly isAdmin: boolean;
  authorize(operation: StreamOperation, stream: string): Promise<void>;
}

export interface Access {
  /** Throws an AccessError for credentials that are wrong; a caller without any is anonymous. */
  open(credentials: Credentials): Promise<Session>;
}

const ANONYMOUS: User = { name: 'anonymous', groups: [] };
const SETTINGS_STREAM = '$settings';
const LAST = 9_223_372_036_854_775_807n;

/** As with `--insecure`: no caller has to authenticate. */
export function createOpenAccess(store: EventStore): Access {
  const rights = { isAuthenticated: true, mayOperate: true, isAdmin: true };
  const session: Session = {
    ...rights,
    user: ANONYMOUS,
    store,
    authorize: async () => undefined,
  };
  return {
    open: async ({ basic }) =>
      basic === undefined ? session : { ...session, user: { name: basic.name, groups: [] } },
  };
}

export function createUserAccess(store: EventStore, users: UserDirectory): Access {
  const lists = new AccessLists(store);
  const toSession = (user: User | undefined): Session => {
    const authorize = async (operation: StreamOperation, stream: string) => {
      if (user === undefined) throw new AccessError('denied', 'Access Denied');
      await lists.check(user, operation, stream);
    };
    const isAdmin = user?.groups.includes(ADMINS) ?? false;
    return {
      user: user ?? ANONYMOUS,
      isAuthenticated: user !== undefined,
      isAdmin,
      mayOperate: isAdmin || (user?.groups.includes(OPERATORS) ?? false),
      store: guardStore(store, authorize),
      authorize,
    };
  };
  return {
    async open({ basic, certificateName }) {
      if (basic === undefined && certificateName === undefined) return toSession(undefined);
      const user =
        basic === undefined
          ? await users.find(certificateName ?? '')
          : await users.verify(basic.name, basic.password);
      if (user === undefined) throw new AccessError('not-authenticated', 'Unauthenticated');
      return toSession(user);
    },
  };
}

/** Bounds the memory of the lists that were read before. */
const KNOWN_LISTS_MAX = 10_000;

/** Reads the lists of streams, and the defaults, from the store. */
class AccessLists {
  readonly #store: EventStore;
  readonly #known = new Map<string, Acl>();
  #defaults: DefaultAcls | undefined;
  #commits = 0;

  constructor(store: EventStore) {
    this.#store = store;
    store.onCommit((streams) => {
      for (const name of streams) {
        if (name === SETTINGS_STREAM) this.#defaults = undefined;
        else if (!isMetastream(name)) continue;
        this.#commits += 1;
        this.#known.delete(originalStreamOf(name));
      }
    });
  }

  async check(user: User, asked: StreamOperation, name: string): Promise<void> {
    const { stream, operation } = target(name, asked);
    const acl = this.#known.get(stream) ?? (await this.#readList(stream));
    const defaults = this.#defaults ?? (await this.#readDefaults());
    if (isAllowed({ user, operation, stream, acl, defaults })) return;
    throw new AccessError('denied', 'Access Denied');
  }

  async #readList(stream: string): Promise<Acl> {
    const commits = this.#commits;
    const acl = parseAcl(await this.#readJson(metastreamOf(stream)));
    // A commit during the read may have changed the list: then it is read again next time.
    if (this.#commits !== commits) return acl;
    if (this.#known.size >= KNOWN_LISTS_MAX) this.#known.clear();
    this.#known.set(stream, acl);
    return acl;
  }

  async #readDefaults(): Promise<DefaultAcls> {
    const commits = this.#commits;
    const settings = await this.#readJson(SETTINGS_STREAM);
    const defaults = settings === undefined ? DEFAULT_ACLS : parseDefaultAcls(settings);
    if (this.#commits === commits) this.#defaults = defaults;
    return defaults;
  }

  async #readJson(stream: string): Promise<unknown> {
    const query = { from: LAST, direction: 'backwards', limit: 1 } as const;
    const page = await this.#store.readStream({ stream, ...query });
    const event = page.kind === 'page' ? page.events[0] : undefined;
    if (event === undefined) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(event.data));
    } catch {
      // Metadata that is not JSON restricts nothing; the real server keeps it as well.
      return undefined;
    }
  }
}
