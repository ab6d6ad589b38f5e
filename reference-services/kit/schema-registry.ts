import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { OperationalError } from './errors.ts';

const REQUEST_TIMEOUT_MS = 3_000;
/** A schema of a topic has some kilobytes. */
const ANSWER_LENGTH_MAX = 1_048_576;
const NOT_FOUND = 404;
const SERVER_ERROR = 500;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

const Registered = z.object({ id: z.int() });
const SchemaText = z.object({ schema: z.string() });

/** The part of the Confluent Schema Registry API that services need. */
export interface SchemaRegistry {
  /**
   * The id of a schema under a subject. Services only look up: after a restart of the registry,
   * schemas that the first service to ask would register get other ids than records carry.
   *
   * @throws OperationalError unavailable while the schema is not registered
   */
  idOf(subject: string, schema: string): Promise<number>;
  /** The schema with an id; undefined when there is none. */
  schemaById(id: number): Promise<string | undefined>;
}

/**
 * A client of a Schema Registry. Everything rejects with an OperationalError: `unavailable` when
 * the registry does not answer, `internal` when it refuses (a schema that it cannot parse, say).
 *
 * @param url its base, such as http://127.0.0.1:8081/apis/ccompat/v7
 */
export function schemaRegistry(url: string): SchemaRegistry {
  const base = url.replace(/\/$/, '');
  return {
    async idOf(subject, schema) {
      const body = JSON.stringify({ schema });
      const path = `/subjects/${encodeURIComponent(subject)}`;
      const found = await ask('POST', `${base}${path}`, body);
      if (found.ok) return Registered.parse(JSON.parse(found.text)).id;
      if (found.status !== NOT_FOUND) throw refusal(found, `looking ${subject} up`);
      throw new OperationalError('unavailable', {
        detail: `the schema registry does not have this schema under ${subject}; register it`,
      });
    },
    async schemaById(id) {
      const found = await ask('GET', `${base}/schemas/ids/${id}`);
      if (found.status === NOT_FOUND) return undefined;
      if (!found.ok) throw refusal(found, `reading schema ${id}`);
      return SchemaText.parse(JSON.parse(found.text)).schema;
    },
  };
}

interface Answer {
  readonly status: number;
  /** Between 200 and 299. */
  readonly ok: boolean;
  readonly text: string;
}

async function ask(method: 'GET' | 'POST', url: string, body?: string): Promise<Answer> {
  try {
    const answer = await send(method, url, body);
    if (answer.status < SERVER_ERROR) return answer;
    throw new Error(`HTTP ${answer.status}`);
  } catch (error) {
    throw new OperationalError('unavailable', {
      detail: `the schema registry at ${new URL(url).host} did not answer`,
      cause: error,
    });
  }
}

/** Not by `fetch`, whose client every start would load for a handful of questions. */
async function send(method: string, url: string, body: string | undefined): Promise<Answer> {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const { request } = url.startsWith('https:')
    ? await import('node:https')
    : await import('node:http');
  const headers = { accept: CONTENT_TYPE, 'content-type': CONTENT_TYPE };
  const asked = request(url, { method, headers, signal, agent: false });
  // An error also rejects the wait below, which handles it.
  asked.on('error', () => undefined);
  asked.end(body);
  const [answer] = (await once(asked, 'response', { signal })) as [IncomingMessage];
  answer.setEncoding('utf8');
  let text = '';
  for await (const chunk of answer) {
    text += chunk;
    if (text.length > ANSWER_LENGTH_MAX) throw new Error('its answer is too long');
  }
  const status = answer.statusCode ?? 0;
  return { status, ok: status >= 200 && status < 300, text };
}

function refusal({ status, text }: Answer, doing: string): OperationalError {
  return new OperationalError('internal', {
    detail: `the schema registry refused ${doing}: HTTP ${status} ${text.slice(0, 500)}`,
  });
}
