import { describe, expect, it } from 'vitest';
import {
  ADMINS,
  DEFAULT_ACLS,
  isAllowed,
  parseAcl,
  parseDefaultAcls,
  type StreamOperation,
  target,
} from './acl.ts';

const alice = { name: 'alice', groups: ['sales'] };
const admin = { name: 'root', groups: [ADMINS] };

function may(
  stream: string,
  operation: StreamOperation,
  { user = alice, metadata = {}, settings = {} as unknown } = {},
): boolean {
  const found = target(stream, operation);
  const defaults = parseDefaultAcls(settings);
  return isAllowed({ user, ...found, acl: parseAcl(metadata), defaults });
}

describe('access control lists', () => {
  it('let every user use a stream that has none', () => {
    for (const operation of Object.keys(DEFAULT_ACLS.user)) {
      expect(may('order-1', operation as StreamOperation)).toBe(true);
    }
  });

  it('leave streams of the system to administrators', () => {
    expect(may('$settings', 'read')).toBe(false);
    expect(may('$all', 'read')).toBe(false);
    expect(may('$settings', 'read', { user: admin })).toBe(true);
  });

  it.each([
    [{ $acl: { $r: 'alice' } }, true],
    [{ $acl: { $r: ['bob', 'sales'] } }, true],
    [{ $acl: { $r: 'bob' } }, false],
    [{ $acl: { $r: [] } }, false],
    [{ $acl: { $w: 'bob' } }, true],
    [{ $acl: 'nonsense' }, true],
    ['not an object', true],
  ])('%j lets alice of sales read: %s', (metadata, expected) => {
    expect(may('order-1', 'read', { metadata: metadata as object })).toBe(expected);
  });

  it('never stop an administrator', () => {
    expect(may('order-1', 'read', { user: admin, metadata: { $acl: { $r: 'bob' } } })).toBe(true);
  });

  it('take their defaults from $settings, per operation', () => {
    const settings = { $userStreamAcl: { $w: 'bob' }, $systemStreamAcl: { $r: '$all' } };
    expect(may('order-1', 'write', { settings })).toBe(false);
    expect(may('order-1', 'read', { settings })).toBe(true);
    expect(may('$streams', 'read', { settings })).toBe(true);
    expect(may('$streams', 'write', { settings })).toBe(false);
  });

  it('of a metastream are those of its stream', () => {
    const metadata = { $acl: { $mr: 'bob', $mw: 'alice', $r: 'alice', $w: 'bob' } };
    expect(may('$$order-1', 'read', { metadata })).toBe(false);
    expect(may('$$order-1', 'write', { metadata })).toBe(true);
    expect(may('$$order-1', 'delete', { metadata })).toBe(true);
  });
});
