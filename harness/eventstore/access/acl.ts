/**
 * Access control lists of streams, as the real server has them in stream metadata; pure. A list
 * that the stream does not have is the default of its kind: `$settings` holds the defaults.
 */
import { isMetastream, originalStreamOf } from '../store.ts';

export type StreamOperation = 'read' | 'write' | 'delete' | 'metadata-read' | 'metadata-write';

/** Roles per operation; a role is a user's name or a group. */
export type Acl = { readonly [operation in StreamOperation]?: readonly string[] };

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export const ADMINS = '$admins';
export const OPERATORS = '$ops';
/** The role that every user has. */
const ALL_USERS = '$all';

const KEYS: Readonly<Record<string, StreamOperation>> = {
  $r: 'read',
  $w: 'write',
  $d: 'delete',
  $mr: 'metadata-read',
  $mw: 'metadata-write',
};

export interface DefaultAcls {
  readonly user: Acl;
  readonly system: Acl;
}

function aclFor(role: string): Acl {
  return Object.fromEntries(Object.values(KEYS).map((operation) => [operation, [role]]));
}

export const DEFAULT_ACLS: DefaultAcls = { user: aclFor(ALL_USERS), system: aclFor(ADMINS) };

/** The list in `$acl` of a stream's metadata; what cannot be read counts as absent. */
export function parseAcl(metadata: unknown): Acl {
  return parseList(asObject(metadata)['$acl']);
}

/** The defaults in the data of `$settings`. */
export function parseDefaultAcls(settings: unknown): DefaultAcls {
  const { $userStreamAcl, $systemStreamAcl } = asObject(settings);
  return {
    user: { ...DEFAULT_ACLS.user, ...parseList($userStreamAcl) },
    system: { ...DEFAULT_ACLS.system, ...parseList($systemStreamAcl) },
  };
}

function parseList(list: unknown): Acl {
  const roles = Object.entries(asObject(list)).flatMap(([key, value]) => {
    const operation = KEYS[key];
    if (operation === undefined) return [];
    const names = Array.isArray(value) ? value : [value];
    return [[operation, names.filter((name) => typeof name === 'string')] as const];
  });
  return Object.fromEntries(roles);
}

function asObject(json: unknown): Record<string, unknown> {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  return isObject ? (json as Record<string, unknown>) : {};
}

/** The stream whose list decides on the operation, and what it is there. */
export function target(stream: string, operation: StreamOperation) {
  if (!isMetastream(stream)) return { stream, operation };
  const isRead = operation === 'read' || operation === 'metadata-read';
  return {
    stream: originalStreamOf(stream),
    operation: isRead ? ('metadata-read' as const) : ('metadata-write' as const),
  };
}

export interface Decision {
  readonly user: User;
  readonly operation: StreamOperation;
  readonly stream: string;
  readonly acl: Acl;
  readonly defaults: DefaultAcls;
}

/** Administrators may do everything. */
export function isAllowed({ user, operation, stream, acl, defaults }: Decision): boolean {
  const roles = new Set([user.name, ...user.groups, ALL_USERS]);
  if (roles.has(ADMINS)) return true;
  const kind = stream.startsWith('$') ? defaults.system : defaults.user;
  return (acl[operation] ?? kind[operation] ?? []).some((role) => roles.has(role));
}
