import { type Credentials, ErrorType, EventStoreDBClient } from '@eventstore/db-client';

/** How long one request may take; the client itself sets no end to reads. */
const REQUEST_TIMEOUT_MS = 1_500;
/** So long requests may fail before the service says that it is not ready. */
const FAILING_MS_MAX = 2_000;
/** Only their presence counts where there is no TLS. */
const UNUSED_CREDENTIALS: Credentials = { username: 'order', password: '' };

/** A request that got no answer in time, or no connection. */
export class NoAnswer extends Error {
  readonly code = 'no-answer';
}

/** A client that is replaced when it does not answer, because its connection may hang for long. */
export class EventStoreConnection implements AsyncDisposable {
  readonly #url: string;
  #client: EventStoreDBClient;
  /** Since when every request fails; the publisher's lease alone makes two a second. */
  #failing: { readonly sinceMs: number; readonly why: string } | undefined = {
    sinceMs: Number.NEGATIVE_INFINITY,
    why: 'it was not reached yet',
  };

  /** @param url `esdb://host:port?tls=false`; it connects when it is first used */
  constructor(url: string) {
    this.#url = url;
    this.#client = EventStoreDBClient.connectionString(url);
  }

  /**
   * Appends with these go by the call of their own that has a deadline. Without, the client puts
   * all appends on one stream, where an answer that never comes is waited for without an end.
   * What has no TLS does not send them.
   */
  get credentials(): Credentials {
    const { username, password } = new URL(this.#url);
    if (username === '') return UNUSED_CREDENTIALS;
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  }

  /** Makes one request. Rejects with {@link NoAnswer}, or with the server's own refusal. */
  async request<T>(
    what: string,
    work: (client: EventStoreDBClient, deadlineMs: number) => Promise<T>,
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
    await closeConnection(this.#client);
  }

  #replace(client: EventStoreDBClient): void {
    if (this.#client !== client) return;
    this.#client = EventStoreDBClient.connectionString(this.#url);
    void closeConnection(client);
  }
}

/**
 * Closes a client's connection, for which it has no method; calls under way run out by themselves.
 * Cancelling them, as the client's `dispose` does, would end a read as if all had been read.
 * Never rejects.
 */
export async function closeConnection(client: EventStoreDBClient): Promise<void> {
  const inner = client as unknown as { getChannel(): Promise<{ close(): void }> };
  try {
    (await inner.getChannel()).close();
  } catch {
    // It was closed already, by the client itself.
  }
}

const CONNECTION_ERRORS: ReadonlySet<string> = new Set([
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.TIMEOUT,
  ErrorType.UNKNOWN,
]);

/** Whether an error says that no answer came, and not what the answer was. */
export function isConnectionError(error: unknown): boolean {
  return error instanceof NoAnswer || CONNECTION_ERRORS.has(typeOf(error));
}

/** The client's name of an error. */
export function typeOf(error: unknown): string {
  return error instanceof Error && 'type' in error ? String(error.type) : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
