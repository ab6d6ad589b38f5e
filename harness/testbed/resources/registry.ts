import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTopicTable, valueSubject } from '#contracts/spec/topics.ts';
import { PACKAGE_ROOT } from '../../kernel/package-assets.ts';
import { component, type ManagedResource } from '../component.ts';
import { askHttp } from '../http-probe.ts';
import type { Provider } from '../providers/provider.ts';

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

/**
 * The registry, with every schema of `avro/` under its subject and the compatibility mode of the
 * topic table. Services only look schemas up; who may change one is decided here.
 */
export function registryResource(options: {
  readonly provider: Provider;
  readonly url: string;
}): ManagedResource {
  const { url } = options;
  return component({
    name: 'registry',
    provider: options.provider,
    answers: async (signal) => {
      await call('GET', `${url}/subjects`, undefined, signal);
    },
    prepare: async (signal) => {
      // One after another and in the table's order: a registry that was killed and started again
      // gives every schema the number that messages carry already.
      const { topics, compatibilityDefault } = readTopicTable();
      for (const { name, compatibility } of topics) {
        const subject = valueSubject(name);
        // Ours begins empty, with the table's default; another one may have a mode of its own.
        if (options.provider.kind === 'address' || compatibility !== compatibilityDefault) {
          await call('PUT', `${url}/config/${subject}`, { compatibility }, signal);
        }
        await register(url, subject, join(PACKAGE_ROOT, 'avro', `${name}.avsc`), signal);
      }
    },
    verify: async (signal) => {
      const subjects = (await call('GET', `${url}/subjects`, undefined, signal)) as string[];
      const wanted = readTopicTable().topics.map((topic) => valueSubject(topic.name));
      const missing = wanted.filter((subject) => !subjects.includes(subject));
      if (missing.length > 0) throw new Error(`no schema for ${missing.join(', ')}`);
    },
  });
}

async function register(
  url: string,
  subject: string,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const text = readFileSync(file, 'utf8');
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const body = { schema: text, schemaType: 'AVRO' };
  try {
    await call('POST', `${url}/subjects/${subject}/versions`, body, signal);
  } catch (cause) {
    throw new Error(`${file} was refused as ${subject}: ${(cause as Error).message}`, { cause });
  }
}

async function call(
  method: 'GET' | 'PUT' | 'POST',
  url: string,
  body: object | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  const { ok, status, text } = await askHttp(url, {
    method,
    headers: { 'content-type': CONTENT_TYPE },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal,
  });
  if (!ok) throw new Error(`HTTP ${status} ${text}`);
  return JSON.parse(text);
}
