import { describe, expect, it } from 'vitest';
import { type Claims, decide } from './domain.ts';

const EXP = 1_800_000_000;
const access: Claims = {
  sub: 'user-1',
  token_use: 'access',
  client_id: 'shop',
  exp: EXP,
  'cognito:groups': ['buyers', 'admins', 'buyers'],
};
const id: Claims = {
  sub: 'user-1',
  token_use: 'id',
  aud: 'shop',
  exp: EXP,
  email: 'a@example.com',
};
const accessOf = { tokenUse: 'access', audience: 'shop' } as const;
const idOf = { tokenUse: 'id', audience: 'shop' } as const;

describe('the claims of a token', () => {
  it('make a principal with the roles of its groups', () => {
    expect(decide(access, accessOf)).toEqual({
      kind: 'accepted',
      principal: {
        userId: 'user-1',
        roles: ['buyers', 'admins'],
        expiresAtMs: EXP * 1_000,
        email: '',
      },
    });
  });

  it('need no groups', () => {
    const { 'cognito:groups': _, ...without } = access;
    expect(decide(without, accessOf)).toMatchObject({ principal: { roles: [] } });
  });

  it('name the audience in client_id of an access token, whatever aud says', () => {
    expect(decide({ ...access, aud: 'other' }, accessOf).kind).toBe('accepted');
    expect(decide({ ...access, client_id: 'other', aud: 'shop' }, accessOf)).toEqual({
      kind: 'rejected',
      reason: 'wrong-audience',
    });
  });

  it('name the audience in aud of an id token, alone or in a list', () => {
    expect(decide(id, idOf)).toMatchObject({ principal: { email: 'a@example.com' } });
    expect(decide({ ...id, aud: ['other', 'shop'] }, idOf).kind).toBe('accepted');
    expect(decide({ ...id, aud: 'other', client_id: 'shop' }, idOf)).toEqual({
      kind: 'rejected',
      reason: 'wrong-audience',
    });
  });

  it.each([
    ['an id token where an access token is wanted', id, 'wrong-token-use'],
    ['a token without token_use', { ...access, token_use: undefined }, 'wrong-token-use'],
    ['no client', { ...access, client_id: undefined }, 'wrong-audience'],
    ['no sub', { ...access, sub: undefined }, 'no-subject'],
    ['a sub that is no text', { ...access, sub: 7 }, 'no-subject'],
    ['a sub with a line break', { ...access, sub: 'a\nb' }, 'no-subject'],
    ['no expiry', { ...access, exp: undefined }, 'no-expiry'],
    ['groups that are no list', { ...access, 'cognito:groups': 'admins' }, 'bad-roles'],
    ['a group that is no text', { ...access, 'cognito:groups': [1] }, 'bad-roles'],
    ['a group with a control character', { ...access, 'cognito:groups': ['a\u0000'] }, 'bad-roles'],
    ['a sub with braces', { ...access, sub: '{a}' }, 'no-subject'],
    ['an email with NUL', { ...access, email: 'a\u0000@example.com' }, 'bad-email'],
    ['an email that is too long', { ...access, email: 'a'.repeat(321) }, 'bad-email'],
  ])('refuse %s', (_, claims, reason) => {
    expect(decide(claims, accessOf)).toEqual({ kind: 'rejected', reason });
  });
});
