import { ErrorType } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { AppendRefused, AtomicClient } from './event-store-client.ts';

/** How long one request may take; the client itself sets no end to reads. */
const REQUEST_TIMEOUT_MS = 1_500;
/** So long requests may fail before the service says that it is not ready. */
const FAILING_MS_MAX = 2_000;

/** A request that got no answer in time, or no connection. */
export class NoAnswer extends Error {
  readonly code = 'no-answer';
}

/** A client that is replaced when it does not answer, because its connection may hang for long. */
export class EventStoreConnection implements AsyncDisposable {
  readonly #url: string;
  #client: AtomicClient;
  /** Since when every request fails; the publisher's lease alone makes two a second. */
  #failing: { readonly sinceMs: number; readonly why: string } | undefined = {
    sinceMs: Number.NEGATIVE_INFINITY,
    why: 'it was not reached yet',
  };

  /** @param url `esdb://host:port?tls=false`; it connects when it is first used */
  constructor(url: string) {
    this.#url = url;
    this.#client = AtomicClient.of(url);
  }

  /** Makes one request. Rejects with {@link NoAnswer}, or with the server's own refusal. */
  async request<T>(
    what: string,
    work: (client: AtomicClient, deadlineMs: number) => Promise<T>,
    deadlineMs: number = REQUEST_TIMEOUT_MS,
  ): Promise<T> {
    const client = this.#client;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new NoAnswer(`${what}: no answer in ${deadlineMs} ms`)),
      deadlineMs,
    );
    const working = work(client, deadlineMs);
    working.catch(() => undefined);
    try {
      const answer = await Promise.race([working, late.promise]);
      this.#failing = undefined;
      return answer;
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      this.#failing = {
        sinceMs: this.#failing?.sinceMs ?? performance.now(),
        why: messageOf(error),
      };
      this.#replace(client);
      if (error instanceof NoAnswer) throw error;
      throw new NoAnswer(`${what}: ${messageOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Rejects when requests have failed for longer than a hiccup; makes no request itself. */
  async check(): Promise<void> {
    const failing = this.#failing;
    if (failing !== undefined && performance.now() - failing.sinceMs > FAILING_MS_MAX) {
      throw new Error(`the event store does not answer: ${failing.why}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.closeConnection();
  }

  #replace(client: AtomicClient): void {
    if (this.#client !== client) return;
    this.#client = AtomicClient.of(this.#url);
    void client.closeConnection();
  }
}

const CONNECTION_ERRORS: ReadonlySet<string> = new Set([
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.TIMEOUT,
  ErrorType.UNKNOWN,
]);

const CONNECTION_STATUSES: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.UNKNOWN,
  status.INTERNAL,
]);

/** Whether an error says that no answer came, and not what the answer was. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  if (error instanceof AppendRefused) return error.code === 'timeout';
  return CONNECTION_ERRORS.has(typeOf(error)) || CONNECTION_STATUSES.has(statusOf(error));
}

/** The gRPC status of an error that the client has not given a name. */
function statusOf(error: unknown): status {
  const isStatus = error instanceof Error && 'code' in error && typeof error.code === 'number';
  return isStatus ? (error.code as status) : status.OK;
}

/** The client's name of an error. */
export function typeOf(error: unknown): string {
  return error instanceof Error && 'type' in error ? String(error.type) : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
