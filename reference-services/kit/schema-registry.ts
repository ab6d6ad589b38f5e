import { z } from 'zod';
import { OperationalError } from './errors.ts';

const REQUEST_TIMEOUT_MS = 3_000;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

const Registered = z.object({ id: z.int() });
const SchemaText = z.object({ schema: z.string() });

/** The part of the Confluent Schema Registry API that services need. */
export interface SchemaRegistry {
  /** The id of a schema under a subject, registering it when it is not there yet. */
  idOf(subject: string, schema: string): Promise<number>;
  /** The schema with an id; undefined when there is none. */
  schemaById(id: number): Promise<string | undefined>;
}

/**
 * A client of a Schema Registry. Everything rejects with an OperationalError: `unavailable` when
 * the registry does not answer, `internal` when it refuses (an incompatible schema, say).
 *
 * @param url its base, such as http://127.0.0.1:8081/apis/ccompat/v7
 */
export function schemaRegistry(url: string): SchemaRegistry {
  const base = url.replace(/\/$/, '');
  return {
    async idOf(subject, schema) {
      const body = JSON.stringify({ schema });
      const path = `/subjects/${encodeURIComponent(subject)}`;
      const found = await ask(`${base}${path}`, { method: 'POST', body });
      if (found.ok) return Registered.parse(await found.json()).id;
      if (found.status !== 404) throw await refusal(found, `looking ${subject} up`);
      const registered = await ask(`${base}${path}/versions`, { method: 'POST', body });
      if (!registered.ok) throw await refusal(registered, `registering ${subject}`);
      return Registered.parse(await registered.json()).id;
    },
    async schemaById(id) {
      const found = await ask(`${base}/schemas/ids/${id}`, { method: 'GET' });
      if (found.status === 404) return undefined;
      if (!found.ok) throw await refusal(found, `reading schema ${id}`);
      return SchemaText.parse(await found.json()).schema;
    },
  };
}

async function ask(url: string, init: { method: string; body?: string }): Promise<Response> {
  try {
    const response = await fetch(url, {
      ...init,
      headers: { accept: CONTENT_TYPE, 'content-type': CONTENT_TYPE },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (response.status < 500) return response;
    throw new Error(`HTTP ${response.status}`);
  } catch (error) {
    throw new OperationalError('unavailable', {
      detail: `the schema registry at ${new URL(url).host} did not answer`,
      cause: error,
    });
  }
}

async function refusal(response: Response, doing: string): Promise<OperationalError> {
  const text = await response.text();
  return new OperationalError('internal', {
    detail: `the schema registry refused ${doing}: HTTP ${response.status} ${text.slice(0, 500)}`,
  });
}
