/** For the harness's own servers, on a machine that has more to do. */
const REQUEST_DEADLINE_MS = 20_000;

/**
 * Sends a request to one of the harness's own servers (token issuer, spans, mails). Each request
 * has a connection of its own: a server may close a kept one in the moment when it is used again.
 */
export const askOwnServer = (
  url: string,
  {
    headers = {},
    ...init
  }: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Response> =>
  fetch(url, {
    ...init,
    headers: { ...headers, connection: 'close' },
    signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
  });

/**
 * Has the issuer of the stack mint a token; see `AddressBook.oidc.mintUrl`.
 *
 * @throws with the issuer's answer when it mints none
 */
export async function mintToken(
  mintUrl: string,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  const response = await askOwnServer(mintUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(claims),
  });
  const body = (await response.json()) as { access_token?: string; id_token?: string };
  const token = body.access_token ?? body.id_token;
  if (!response.ok || token === undefined) {
    const why = JSON.stringify(body).slice(0, 300);
    throw new Error(`the OIDC issuer minted no token: HTTP ${response.status} ${why}`);
  }
  return token;
}
