/** Asks an instance whether it is ready, in the way that its manifest says. */
import { callEmpty } from '../grpc-probe.ts';
import { askHttp } from '../http-probe.ts';
import { accepts } from '../probe.ts';

export interface ReadinessProbe {
  readonly kind: 'http' | 'grpc' | 'tcp';
  /** A URL for http, `host:port` for the others. */
  readonly target: string;
}

const HTTP_PORT = 80;
const HTTPS_PORT = 443;
/** `SERVING` in grpc.health.v1. */
const SERVING = 1;
/** Field 1 as a varint. */
const STATUS_FIELD = 0x08;

/** Host and port that the probe asks. */
export function listenerOf({ kind, target }: ReadinessProbe): {
  readonly host: string;
  readonly port: number;
} {
  const url = new URL(kind === 'http' ? target : `tcp://${target}`);
  const usual = url.protocol === 'https:' ? HTTPS_PORT : HTTP_PORT;
  return { host: url.hostname, port: Number(url.port) || usual };
}

/** Throws until it is ready, with what it said instead. */
export async function askReady(probe: ReadinessProbe, signal: AbortSignal): Promise<void> {
  switch (probe.kind) {
    case 'http':
      return askUrl(probe.target, signal);
    case 'grpc':
      return askGrpc(probe.target, signal);
    case 'tcp':
      return accepts(listenerOf(probe), signal);
    default:
      return probe.kind satisfies never;
  }
}

async function askUrl(url: string, signal: AbortSignal): Promise<void> {
  const { ok, status, text } = await askHttp(url, { signal });
  const isThere = isRedirect(status) ? await leadsToOk(url, signal) : ok;
  if (!isThere) throw new Error(`${url} answered HTTP ${status} ${text.slice(0, 300)}`);
}

/** `askHttp` follows no redirect; `fetch` does. */
async function leadsToOk(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal });
  await response.body?.cancel();
  return response.ok;
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** `grpc.health.v1.Health/Check` for the server as a whole. */
async function askGrpc(target: string, signal: AbortSignal): Promise<void> {
  const answer = await callEmpty(target, '/grpc.health.v1.Health/Check', signal);
  // HealthCheckResponse { ServingStatus status = 1 }: one varint field, absent when zero.
  const status = answer[0] === STATUS_FIELD ? answer[1] : 0;
  if (status !== SERVING) throw new Error(`${target} is not SERVING (status ${status})`);
}
