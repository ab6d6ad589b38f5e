/** The fixed tables of RFC 7541, appendices A and B. */

/** Index 1 first: `name value`, or a name alone. */
export const STATIC_TABLE: readonly (readonly [name: string, value: string])[] = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`
  .split('\n')
  .map((line) => {
    const space = line.indexOf(' ');
    return space === -1 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)];
  });

/**
 * Bits of the Huffman code of each byte, and of the end of a string at last, as digits of base 36.
 * The code is canonical: its words follow from their lengths.
 */
const CODE_LENGTHS = [
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca',
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds',
  'kmkkmmmnmmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmm',
  'nqqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrr',
  'qu',
].join('');

export const END_OF_STRING = 256;
export const CODE_BITS_MAX = 30;

/** By length: the first code word, and the symbols in the order of their code words. */
export interface CodeWords {
  readonly first: number;
  readonly symbols: readonly number[];
}

export const HUFFMAN: readonly CodeWords[] = codeWords();

function codeWords(): CodeWords[] {
  const lengths = [...CODE_LENGTHS].map((digit) => Number.parseInt(digit, 36));
  const words: CodeWords[] = [];
  let next = 0;
  for (let bits = 0; bits <= CODE_BITS_MAX; bits++) {
    const symbols = lengths.flatMap((length, symbol) => (length === bits ? [symbol] : []));
    words.push({ first: next, symbols });
    next = (next + symbols.length) * 2;
  }
  return words;
}
