/** Asks an instance whether it is ready, in the way that its manifest says. */
import { callEmpty } from '../testbed/grpc-probe.ts';
import { accepts } from '../testbed/probe.ts';

export interface ReadinessProbe {
  readonly kind: 'http' | 'grpc' | 'tcp';
  /** A URL for http, `host:port` for the others. */
  readonly target: string;
}

/** `SERVING` in grpc.health.v1. */
const SERVING = 1;
/** Field 1 as a varint. */
const STATUS_FIELD = 0x08;

/** Throws until it is ready, with what it said instead. */
export async function askReady(probe: ReadinessProbe, signal: AbortSignal): Promise<void> {
  switch (probe.kind) {
    case 'http':
      return askHttp(probe.target, signal);
    case 'grpc':
      return askGrpc(probe.target, signal);
    case 'tcp':
      return askTcp(probe.target, signal);
    default:
      return probe.kind satisfies never;
  }
}

async function askHttp(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${url} answered HTTP ${response.status} ${text.slice(0, 300)}`);
}

async function askTcp(target: string, signal: AbortSignal): Promise<void> {
  const at = target.lastIndexOf(':');
  await accepts({ host: target.slice(0, at), port: Number(target.slice(at + 1)) }, signal);
}

/** `grpc.health.v1.Health/Check` for the server as a whole. */
async function askGrpc(target: string, signal: AbortSignal): Promise<void> {
  const answer = await callEmpty(target, '/grpc.health.v1.Health/Check', signal);
  // HealthCheckResponse { ServingStatus status = 1 }: one varint field, absent when zero.
  const status = answer[0] === STATUS_FIELD ? answer[1] : 0;
  if (status !== SERVING) throw new Error(`${target} is not SERVING (status ${status})`);
}
