/** Who may do what: any caller anything, or by users and access control lists. */
import type { EventStore } from '../store.ts';
import {
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

/** Reads the lists of streams, and the defaults, from the store. */
class AccessLists {
  readonly #store: EventStore;
  #defaults: DefaultAcls | undefined;

  constructor(store: EventStore) {
    this.#store = store;
    store.onCommit((streams) => {
      if (streams.has(SETTINGS_STREAM)) this.#defaults = undefined;
    });
  }

  async check(user: User, asked: StreamOperation, name: string): Promise<void> {
    const { stream, operation } = target(name, asked);
    const acl = parseAcl(await this.#readJson(`$$${stream}`));
    this.#defaults ??= await this.#readDefaults();
    const defaults = this.#defaults;
    if (isAllowed({ user, operation, stream, acl, defaults })) return;
    throw new AccessError('denied', 'Access Denied');
  }

  async #readDefaults(): Promise<DefaultAcls> {
    const settings = await this.#readJson(SETTINGS_STREAM);
    return settings === undefined ? DEFAULT_ACLS : parseDefaultAcls(settings);
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
