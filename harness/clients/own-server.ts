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
