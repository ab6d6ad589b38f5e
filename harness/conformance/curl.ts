import type { FuzzInteraction } from './http-report.ts';

/** curl sets these itself. */
const NOT_REPEATED = /^(host|content-length|connection|accept-encoding|user-agent)$/i;

/** The command that sends a request again; the access token is a variable in it. */
export function curlOf(request: FuzzInteraction['request'], token: string): string {
  const headers = Object.entries(request.headers)
    .filter(([name]) => !NOT_REPEATED.test(name))
    .flatMap(([name, values]) => values.map((value) => headerOf(name, value, token)));
  const parts = ['curl', '-i', '-X', request.method, ...headers];
  const body = Buffer.from(request.body?.$base64 ?? '', 'base64');
  const uri = quoted(request.uri);
  if (body.length === 0) return [...parts, uri].join(' ');
  const text = body.toString('utf8');
  if (Buffer.from(text).equals(body)) {
    return [...parts, '--data-binary', quoted(text), uri].join(' ');
  }
  // No shell can say bytes that are no text.
  const decoded = `echo ${body.toString('base64')} | base64 -d |`;
  return [decoded, ...parts, '--data-binary', '@-', uri].join(' ');
}

/** A header without a value ends in a semicolon: so curl wants it. */
function headerOf(name: string, value: string, token: string): string {
  if (value === `Bearer ${token}`) return `-H "${name}: Bearer $TOKEN"`;
  return `-H ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
