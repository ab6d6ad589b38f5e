/** The users of a store, kept in its streams `$user-<login name>` as on the real server. */
import { createHash, randomBytes, randomUUID, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { type EventStore, StoreError } from '../store.ts';
import { ADMINS, OPERATORS, type User } from './acl.ts';
import { UserError } from './errors.ts';

const STREAM_PREFIX = '$user-';
const LAST = 9_223_372_036_854_775_807n;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** Passwords that were checked before; checking one takes tens of milliseconds by design. */
const KNOWN_MAX = 1_000;

const derive = promisify(scrypt) as (
  password: string,
  salt: Buffer,
  bytes: number,
) => Promise<Buffer>;

interface UserRecord {
  readonly loginName: string;
  readonly fullName: string;
  readonly groups: readonly string[];
  readonly isDisabled: boolean;
  readonly hash: string;
  readonly salt: string;
}

export interface UserDetails extends Omit<UserRecord, 'hash' | 'salt'> {
  readonly updatedTicks: bigint;
}

export interface NewUser {
  readonly loginName: string;
  readonly fullName: string;
  readonly groups: readonly string[];
  readonly password: string;
}

export class UserDirectory {
  readonly #store: EventStore;
  readonly #known = new Set<string>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** Adds the users that every new server has, unless they are there. */
  async ensureDefaults(passwords: { readonly admin: string; readonly ops: string }): Promise<void> {
    const defaults = [
      { loginName: 'admin', fullName: 'Administrator', groups: [ADMINS], key: 'admin' },
      { loginName: 'ops', fullName: 'Operations', groups: [OPERATORS], key: 'ops' },
    ] as const;
    for (const { key, ...user } of defaults)
      await this.ensure({ ...user, password: passwords[key] });
  }

  async ensure(user: NewUser): Promise<void> {
    if ((await this.#find(user.loginName)) === undefined) await this.create(user);
  }

  /** The user with this password, or undefined. */
  async verify(loginName: string, password: string): Promise<User | undefined> {
    const record = await this.#find(loginName);
    if (record === undefined || record.isDisabled) return undefined;
    const key = createHash('sha256').update(`${record.salt}\n${password}`).digest('hex');
    if (!this.#known.has(key)) {
      const hash = await derive(password, Buffer.from(record.salt, 'base64'), HASH_BYTES);
      if (!timingSafeEqual(hash, Buffer.from(record.hash, 'base64'))) return undefined;
      if (this.#known.size >= KNOWN_MAX) this.#known.clear();
      this.#known.add(key);
    }
    return { name: record.loginName, groups: record.groups };
  }

  /** The user of a client certificate, who needs no password. */
  async find(loginName: string): Promise<User | undefined> {
    const record = await this.#find(loginName);
    if (record === undefined || record.isDisabled) return undefined;
    return { name: record.loginName, groups: record.groups };
  }

  async create({ password, ...user }: NewUser): Promise<void> {
    if (user.loginName === '') throw new UserError('invalid', 'The login name is missing.');
    if ((await this.#find(user.loginName)) !== undefined) {
      throw new UserError('conflict', `User '${user.loginName}' exists.`, user.loginName);
    }
    const record = { ...user, isDisabled: false, ...(await hashOf(password)) };
    await this.#write('$UserCreated', record);
  }

  async update({ password, ...user }: NewUser): Promise<void> {
    const record = await this.#get(user.loginName);
    const secret = password === '' ? {} : await hashOf(password);
    await this.#write('$UserUpdated', { ...record, ...user, ...secret });
  }

  async setDisabled(loginName: string, isDisabled: boolean): Promise<void> {
    await this.#write('$UserUpdated', { ...(await this.#get(loginName)), isDisabled });
  }

  async setPassword(loginName: string, password: string): Promise<void> {
    const record = await this.#get(loginName);
    await this.#write('$PasswordChanged', { ...record, ...(await hashOf(password)) });
  }

  async delete(loginName: string): Promise<void> {
    await this.#get(loginName);
    const stream = STREAM_PREFIX + loginName;
    await this.#store.delete({ stream, expected: 'any', mode: 'soft' });
  }

  /** One user, or all of them. */
  async details(loginName: string): Promise<UserDetails[]> {
    if (loginName !== '') {
      await this.#get(loginName);
      return this.#detailsOf([loginName]);
    }
    const names = new Set<string>();
    for (let from = 0n; ; ) {
      const page = await this.#store.readAll({ from, direction: 'forwards', limit: 1_000 });
      for (const { stream, position } of page.events) {
        from = position + 1n;
        if (stream.startsWith(STREAM_PREFIX)) names.add(stream.slice(STREAM_PREFIX.length));
      }
      if (page.isEnd) return this.#detailsOf([...names]);
    }
  }

  async #detailsOf(names: readonly string[]): Promise<UserDetails[]> {
    const found: UserDetails[] = [];
    for (const name of names) {
      const event = await this.#last(name);
      if (event === undefined) continue;
      const { hash: _hash, salt: _salt, ...record } = parse(event.data);
      found.push({ ...record, updatedTicks: event.createdTicks });
    }
    return found;
  }

  async #get(loginName: string): Promise<UserRecord> {
    const record = await this.#find(loginName);
    if (record !== undefined) return record;
    throw new UserError('not-found', `User '${loginName}' is not found.`, loginName);
  }

  async #find(loginName: string): Promise<UserRecord | undefined> {
    const event = await this.#last(loginName);
    return event === undefined ? undefined : parse(event.data);
  }

  async #last(loginName: string) {
    const query = { from: LAST, direction: 'backwards', limit: 1 } as const;
    const page = await this.#store.readStream({ stream: STREAM_PREFIX + loginName, ...query });
    return page.kind === 'page' ? page.events[0] : undefined;
  }

  async #write(type: string, record: UserRecord): Promise<void> {
    const stream = STREAM_PREFIX + record.loginName;
    const data = new TextEncoder().encode(JSON.stringify(record));
    const event = { id: randomUUID(), type, isJson: true, data, metadata: new Uint8Array() };
    const result = await this.#store.append({ stream, expected: 'any', events: [event] });
    if (result.kind === 'appended') return;
    throw new StoreError('write-failed', `${stream} could not be written: ${result.kind}.`);
  }
}

function parse(data: Uint8Array): UserRecord {
  return JSON.parse(new TextDecoder().decode(data)) as UserRecord;
}

async function hashOf(password: string): Promise<Pick<UserRecord, 'hash' | 'salt'>> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES);
  return { hash: hash.toString('base64'), salt: salt.toString('base64') };
}
