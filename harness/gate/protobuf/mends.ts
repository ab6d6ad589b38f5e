/** What to do instead, by Buf's rule. */
const MENDS: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /^RPC_NO_DELETE|SERVICE_NO_DELETE/,
    'keep the call and mark it deprecated until nobody calls it',
  ],
  [/^RPC_SAME/, 'add a call with the new types beside the old one'],
  [/^FIELD_NO_DELETE/, 'write `reserved` for its number and its name where the field was'],
  [/^ENUM_VALUE_NO_DELETE/, 'write `reserved` for its number and its name where the value was'],
  [/^ENUM_VALUE_SAME/, 'keep the name, or add a value with another number'],
  [/^FIELD_SAME_JSON/, 'keep the name, or set json_name to the old one'],
  [/^RESERVED/, 'keep what is reserved: old messages may still carry it'],
  [/FIELD/, 'reserve its number, and add a field with another number beside it'],
];

export const mendOf = (rule: string): string =>
  MENDS.find(([pattern]) => pattern.test(rule))?.[1] ??
  'keep it as it is, and put the new thing in a new package version';
