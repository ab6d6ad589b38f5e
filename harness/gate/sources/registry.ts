import { z } from 'zod';
import { GateError } from '../error.ts';

const TIMEOUT_MS = 10_000;
const VERSIONS_MAX = 200;
const NOT_FOUND = 404;

const Versions = z.array(z.int());
const Version = z.object({ version: z.int(), schema: z.string() });
const Config = z.object({
  compatibilityLevel: z.string().optional(),
  compatibility: z.string().optional(),
});
const SchemaById = z.object({ schema: z.string() });
const Registered = z.object({ id: z.int() });

/** One subject of a registry. */
export interface RegisteredSubject {
  /** The newest last. */
  readonly versions: ReadonlyArray<{ readonly version: number; readonly schema: string }>;
  readonly mode: string | undefined;
}

/** A schema registry that speaks Confluent's API. */
export class Registry {
  readonly #url: string;

  /** @param url with the base path, such as `http://host:8080/apis/ccompat/v7` */
  constructor(url: string) {
    if (!URL.canParse(url) || !/^https?:/.test(url)) {
      throw new GateError(`--registry ${url} is not an http address`, { code: 'usage' });
    }
    this.#url = url.replace(/\/$/, '');
  }

  /** Its versions and mode; none when the registry does not know it. */
  async subject(name: string): Promise<RegisteredSubject> {
    const path = `/subjects/${encodeURIComponent(name)}/versions`;
    const numbers = (await this.#get(path, Versions)) ?? [];
    if (numbers.length > VERSIONS_MAX) {
      throw new GateError(`${name} has ${numbers.length} versions; the gate reads ${VERSIONS_MAX}`);
    }
    const versions = await Promise.all(
      numbers.toSorted((a, b) => a - b).map((number) => this.#get(`${path}/${number}`, Version)),
    );
    const config = await this.#get(
      `/config/${encodeURIComponent(name)}?defaultToGlobal=true`,
      Config,
    );
    return {
      versions: versions.filter((version) => version !== undefined),
      mode: config?.compatibilityLevel ?? config?.compatibility,
    };
  }

  /** The text of a schema by the id that messages carry. */
  async schema(id: number): Promise<string> {
    const found = await this.#get(`/schemas/ids/${id}`, SchemaById);
    if (found !== undefined) return found.schema;
    throw new GateError(`the registry at ${this.#url} knows no schema ${id}`);
  }

  /** Registers a schema under a subject without a compatibility mode; returns its id. */
  async register(subject: string, schema: string): Promise<number> {
    const name = encodeURIComponent(subject);
    await this.#ask(`/config/${name}`, z.unknown(), 'PUT', { compatibility: 'NONE' });
    const path = `/subjects/${name}/versions`;
    const registered = await this.#ask(path, Registered, 'POST', { schema, schemaType: 'AVRO' });
    if (registered !== undefined) return registered.id;
    throw new GateError(`the registry at ${this.#url} takes no schemas`);
  }

  #get<S extends z.ZodType>(path: string, shape: S): Promise<z.infer<S> | undefined> {
    return this.#ask(path, shape, 'GET');
  }

  async #ask<S extends z.ZodType>(
    path: string,
    shape: S,
    method: 'GET' | 'PUT' | 'POST',
    body?: object,
  ): Promise<z.infer<S> | undefined> {
    let response: Response;
    try {
      response = await fetch(`${this.#url}${path}`, {
        method,
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const cause = (error as Error).cause;
      const reason = cause instanceof Error ? cause.message : (error as Error).message;
      throw new GateError(`the registry at ${this.#url} does not answer (${reason})`, {
        code: 'gate-source-unavailable',
        fix: 'compare the address with the one in sagaproof status',
      });
    }
    if (response.status === NOT_FOUND) return undefined;
    const answer: unknown = await response.json().catch(() => undefined);
    const parsed = shape.safeParse(answer);
    if (response.ok && parsed.success) return parsed.data;
    throw new GateError(
      `the registry at ${this.#url} answers ${response.status} to ${method} ${path}, not as Confluent's API does`,
      {
        code: 'gate-source-unavailable',
        fix: 'add the base path of the API (Apicurio: /apis/ccompat/v7)',
      },
    );
  }
}
