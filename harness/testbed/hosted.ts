/** A component that the supervisor hosts itself: an HTTP or SMTP server in its own process. */
import type { Infrastructure } from '../kernel/address-book.ts';
import type { Endpoint } from './endpoints.ts';
import { askHttp } from './http-probe.ts';
import type { Resource } from './resource.ts';

/** Loading and listening; there is nothing else to wait for. */
const HOSTED_UP_TIMEOUT_MS = 30_000;
const HOSTED_DOWN_TIMEOUT_MS = 5_000;

export interface HostedOptions {
  readonly name: Infrastructure;
  readonly endpoint: Endpoint;
  readonly start: () => Promise<AsyncDisposable>;
  readonly answers: (signal: AbortSignal) => Promise<void>;
}

/** At an address of the user's only the answers are checked. */
export function hostedResource(options: HostedOptions): Resource {
  let server: AsyncDisposable | undefined;
  return {
    name: options.name,
    upTimeoutMs: HOSTED_UP_TIMEOUT_MS,
    downTimeoutMs: HOSTED_DOWN_TIMEOUT_MS,
    async up() {
      if (options.endpoint.provider === 'native') server = await options.start();
    },
    healthCheck: options.answers,
    async down() {
      await server?.[Symbol.asyncDispose]();
      server = undefined;
    },
  };
}

/** A GET that has to answer 200; the parsed body. */
export async function getJson(url: string, signal: AbortSignal): Promise<unknown> {
  const { ok, status, text } = await askHttp(url, { signal });
  if (!ok) throw new Error(`${url} answered HTTP ${status}`);
  return JSON.parse(text);
}
