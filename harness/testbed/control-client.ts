import { Agent, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { AddressBook, InstanceAddress } from '../kernel/address-book.ts';
import { SagaproofError } from '../kernel/errors.ts';
import type { ProgressEvent } from './progress.ts';

export interface ResourceStatus {
  readonly name: string;
  readonly kind: 'infrastructure' | 'service';
  readonly state: 'pending' | 'starting' | 'ready' | 'failed' | 'paused' | 'exited' | 'stopped';
  readonly pid?: number;
  /** Answer of the resource's own health check, when one was asked for. */
  readonly healthy?: boolean;
  readonly detail?: string;
}

export interface StackStatus {
  readonly runId: string;
  readonly state: 'booting' | 'ready' | 'failed' | 'stopping';
  readonly fingerprint: string;
  readonly owned: boolean;
  readonly resources: readonly ResourceStatus[];
}

/** The signals that scenarios and faults send. */
export type StackSignal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' | 'SIGINT';

/**
 * Orders to the supervisor of a running stack. `id` is an instance (`order-1`) or an
 * infrastructure component (`kafka`); an unknown one is an error that lists the known ones.
 */
export interface StackControl {
  status(options?: { readonly health?: boolean }): Promise<StackStatus>;
  addressBook(): Promise<AddressBook>;
  /** Sends the signal and, for SIGKILL, waits until the process has ended. */
  killInstance(id: string, signal?: StackSignal): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** SIGTERM, then SIGKILL after its grace; resolves with how it ended. */
  stopInstance(
    id: string,
  ): Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /**
   * Starts it again on the same ports (ending it first if it runs); resolves when ready.
   *
   * @param options.env of a service: instead of what its manifest says, until it starts again
   */
  restartInstance(
    id: string,
    options?: { readonly env?: Readonly<Record<string, string>> },
  ): Promise<InstanceAddress | undefined>;
  /** One more instance of a service, `<service>-<next n>`; resolves when ready. */
  startInstance(service: string): Promise<InstanceAddress>;
  /** Progress from the beginning of the stack, then live until the signal aborts. */
  events(signal?: AbortSignal): AsyncIterable<ProgressEvent>;
  /** Takes the stack down; resolves when nothing of it runs any more. */
  down(): Promise<void>;
}

/** The supervisor refused, or is not there. */
class ControlError extends SagaproofError {
  override readonly name = 'ControlError';

  constructor(message: string, details: { file?: string; fix?: string; cause?: unknown } = {}) {
    super('stack-unavailable', message, details);
  }
}

/** Longest order: a boot of one instance with its full readiness time-out. */
const ORDER_TIMEOUT_MS = 11 * 60_000;
/** For a question; a supervisor that neither hangs nor is paused answers at once. */
const STATUS_TIMEOUT_MS = 20_000;
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

export function createControl(
  socketPath: string,
  statusTimeoutMs: number = STATUS_TIMEOUT_MS,
): StackControl {
  const call = <T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> =>
    exchange(socketPath, { method, path, ...(body ? { body } : {}) }) as Promise<T>;
  const onProcess = <T>(id: string, verb: string, body?: object) =>
    call<T>('POST', `/processes/${encodeURIComponent(id)}/${verb}`, body);
  const send = async (id: string, signal: StackSignal): Promise<void> => {
    await onProcess(id, 'signal', { signal });
  };
  return {
    status: (options) => {
      const path = `/status?health=${options?.health ? 1 : 0}`;
      const timeoutMs = statusTimeoutMs;
      return exchange(socketPath, { method: 'GET', path, timeoutMs }) as Promise<StackStatus>;
    },
    addressBook: () => call('GET', '/address-book'),
    killInstance: (id, signal = 'SIGKILL') => send(id, signal),
    pause: (id) => send(id, 'SIGSTOP'),
    resume: (id) => send(id, 'SIGCONT'),
    stopInstance: (id) => onProcess(id, 'stop'),
    restartInstance: async (id, { env } = {}) =>
      (await onProcess<Answer>(id, 'restart', env && { env })).address,
    async startInstance(service) {
      const { address } = await call<Answer>('POST', '/instances', { service });
      if (!address)
        throw new ControlError(`the supervisor started ${service} and reported no address`);
      return address;
    },
    events: (signal) => follow(socketPath, signal),
    async down() {
      await call('POST', '/down');
    },
  };
}

interface Answer {
  readonly address?: InstanceAddress;
}

/** A connection for each order: nothing is kept open that would keep the caller's process alive. */
function open(
  socketPath: string,
  method: string,
  path: string,
  options: { readonly body?: object; readonly signal?: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath,
        method,
        path,
        agent: new Agent({ keepAlive: false }),
        headers: options.body ? { 'content-type': 'application/json' } : {},
        ...(options.signal ? { signal: options.signal } : {}),
      },
      resolve,
    );
    outgoing.once('error', (cause) => {
      reject(new ControlError(`the supervisor does not answer at ${socketPath}`, { cause }));
    });
    outgoing.end(options.body ? JSON.stringify(options.body) : undefined);
  });
}

interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly timeoutMs?: number;
}

async function exchange(
  socketPath: string,
  { method, path, body, timeoutMs = ORDER_TIMEOUT_MS }: Exchange,
): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await open(socketPath, method, path, { ...(body ? { body } : {}), signal });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MESSAGE_BYTES_MAX) throw new ControlError(`${path} answered too much`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new ControlError(`the supervisor ended before it answered ${path}`, { cause });
  }
  const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly error?: string };
  if (response.statusCode !== 200) throw new ControlError(answer.error ?? `refused ${path}`);
  return answer;
}

async function* follow(socketPath: string, signal?: AbortSignal): AsyncIterable<ProgressEvent> {
  const response = await open(socketPath, 'GET', '/events', signal ? { signal } : {});
  const lines = createInterface({ input: response });
  try {
    for await (const line of lines) yield JSON.parse(line) as ProgressEvent;
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    lines.close();
    response.destroy();
  }
}
