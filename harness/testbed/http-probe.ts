/**
 * HTTP without `fetch`, whose client takes 30 ms of CPU to load: every boot of a supervisor would
 * pay for it.
 */
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';

export interface HttpQuestion {
  readonly method?: 'GET' | 'PUT' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the question, and the reading of its answer. */
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Between 200 and 299. */
  readonly ok: boolean;
  readonly text: string;
}

/** A schema has some kilobytes, a list of subjects or connectors less. */
const ANSWER_CHARACTERS_MAX = 4 * 1024 * 1024;

type Send = (url: string, options: RequestOptions) => ClientRequest;

/**
 * Sends a request on a connection of its own and reads the answer as text; follows no redirect.
 *
 * @throws when there is no whole answer before the signal aborts
 */
export async function askHttp(url: string, question: HttpQuestion): Promise<HttpAnswer> {
  const { method = 'GET', headers = {}, body, signal } = question;
  const send: Send = (await (url.startsWith('https:') ? import('node:https') : import('node:http')))
    .request;
  const asked = send(url, { method, headers, signal, agent: false });
  // What breaks it also breaks the wait below; unheard after that, it would end the supervisor.
  asked.on('error', () => undefined);
  asked.end(body);
  const [answer] = (await once(asked, 'response', { signal })) as [IncomingMessage];
  answer.setEncoding('utf8');
  let text = '';
  for await (const chunk of answer) {
    text += chunk;
    if (text.length > ANSWER_CHARACTERS_MAX) {
      asked.destroy();
      throw new Error(`${url} answered more than ${ANSWER_CHARACTERS_MAX} characters`);
    }
  }
  signal.throwIfAborted();
  if (!answer.complete) throw new Error(`${url} ended its answer early`);
  const status = answer.statusCode ?? 0;
  return { status, ok: status >= 200 && status < 300, text };
}
