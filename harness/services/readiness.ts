/** Asks an instance whether it is ready, in the way that its manifest says. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { request } from 'undici';

export interface ReadinessProbe {
  readonly kind: 'http' | 'grpc' | 'tcp';
  /** A URL for http, `host:port` for the others. */
  readonly target: string;
}

const SERVING = 'SERVING';

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
  const response = await request(url, { signal });
  const text = await response.body.text();
  if (response.statusCode < 200 || response.statusCode > 299) {
    throw new Error(`${url} answered HTTP ${response.statusCode} ${text.slice(0, 300)}`);
  }
}

async function askTcp(target: string, signal: AbortSignal): Promise<void> {
  const at = target.lastIndexOf(':');
  const socket = connect({ host: target.slice(0, at), port: Number(target.slice(at + 1)), signal });
  try {
    await once(socket, 'connect', { signal });
  } finally {
    socket.destroy();
  }
}

/** `grpc.health.v1.Health/Check` for the server as a whole. */
async function askGrpc(target: string, signal: AbortSignal): Promise<void> {
  const { Client, credentials } = await import('@grpc/grpc-js');
  const client = new Client(target, credentials.createInsecure());
  try {
    const status = await new Promise<number>((resolve, reject) => {
      const call = client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        () => Buffer.alloc(0),
        // HealthCheckResponse { ServingStatus status = 1 }: one varint field, absent when zero.
        (bytes: Buffer) => (bytes[0] === 0x08 ? (bytes[1] ?? 0) : 0),
        {},
        (error, value) => (error ? reject(error) : resolve(value ?? 0)),
      );
      signal.addEventListener('abort', () => call.cancel(), { once: true });
    });
    if (status !== 1) throw new Error(`${target} is not ${SERVING} (status ${status})`);
  } finally {
    client.close();
  }
}
