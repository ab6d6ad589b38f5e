/** How to fix a violation, by Buf's rule. */
const FIXES: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /^RPC_NO_DELETE|SERVICE_NO_DELETE/,
    'keep the call and mark it deprecated until it has no callers',
  ],
  [/^RPC_SAME/, 'keep the old call, and add one with the new types'],
  [/^FIELD_NO_DELETE/, 'write `reserved` for its number and its name where the field was'],
  [/^ENUM_VALUE_NO_DELETE/, 'write `reserved` for its number and its name where the value was'],
  [/^ENUM_VALUE_SAME/, 'keep the name, or add a value with another number'],
  [/^FIELD_SAME_JSON/, 'keep the name, or set json_name to the old one'],
  [/^RESERVED/, 'keep what is reserved: old messages may still carry it'],
  [/FIELD/, 'reserve its number, and add a field with another number'],
];

/** The fix for a violation of one of Buf's rules. */
export const fixFor = (rule: string): string =>
  FIXES.find(([pattern]) => pattern.test(rule))?.[1] ??
  'keep it, and make the change in a new package version';
