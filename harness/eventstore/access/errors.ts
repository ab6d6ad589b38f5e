/** The caller is not who it says, or may not do what it asks. */
export class AccessError extends Error {
  readonly code: 'not-authenticated' | 'denied';
  constructor(code: 'not-authenticated' | 'denied', message: string) {
    super(message);
    this.name = 'AccessError';
    this.code = code;
  }
}

export type UserErrorCode = 'not-found' | 'conflict' | 'invalid';

/** A change of users that cannot be made; callers match on `code`. */
export class UserError extends Error {
  readonly code: UserErrorCode;
  readonly loginName: string;
  constructor(code: UserErrorCode, message: string, loginName = '') {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.loginName = loginName;
  }
}
