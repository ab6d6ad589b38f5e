/** What waits to be sent, who may get it, and what is in flight. */
import { Consumer, type Peer } from './consumer.ts';
import { type Message, retried } from './messages.ts';
import type { ConsumerStrategy } from './settings.ts';
import { createDispatcher, type Dispatcher } from './strategies.ts';

export class Outbox {
  readonly consumers = new Set<Consumer>();
  readonly #dispatcher: Dispatcher<Consumer>;
  readonly #nowMs: () => number;
  /** Before new messages; those of the source in its order, then replayed ones. */
  readonly #retries: Message[] = [];
  readonly #fresh: Message[] = [];
  /** Ids in flight: an acknowledgement cannot tell two events with one id apart. */
  readonly #ids = new Set<string>();

  constructor(strategy: ConsumerStrategy, nowMs: () => number) {
    this.#dispatcher = createDispatcher(strategy);
    this.#nowMs = nowMs;
  }

  get freshCount(): number {
    return this.#fresh.length;
  }

  get retryCount(): number {
    return this.#retries.length;
  }

  get inFlightCount(): number {
    return this.#ids.size;
  }

  connect(peer: Peer): Consumer {
    const consumer = new Consumer(peer, this.#nowMs());
    this.consumers.add(consumer);
    this.#dispatcher.add(consumer);
    return consumer;
  }

  /** What was in flight to a consumer that left is tried again. */
  disconnect(consumer: Consumer): void {
    if (!this.consumers.delete(consumer)) return;
    this.#dispatcher.remove(consumer);
    for (const message of consumer.takeAll()) {
      this.#ids.delete(message.id);
      this.retry(message);
    }
  }

  add(message: Message): void {
    this.#fresh.push(message);
  }

  retry(message: Message): void {
    this.#queueAgain(retried(message));
  }

  replay(message: Message): void {
    this.#queueAgain(message);
  }

  #queueAgain(message: Message): void {
    let index = this.#retries.length;
    const isAfter = (other: Message) =>
      other.origin === message.origin
        ? other.number > message.number
        : other.origin === 'parked' && message.origin === 'source';
    while (index > 0 && isAfter(this.#retries[index - 1] as Message)) index -= 1;
    this.#retries.splice(index, 0, message);
  }

  /** Sends as much as the consumers have room for. */
  push(): void {
    if (this.#drain(this.#retries)) this.#drain(this.#fresh);
  }

  /** False when no consumer has room left. */
  #drain(queue: Message[]): boolean {
    let index = 0;
    while (index < queue.length) {
      const message = queue[index] as Message;
      if (this.#ids.has(message.id)) {
        index += 1;
        continue;
      }
      const choice = this.#dispatcher.choose(message);
      if (choice === 'full') return false;
      if (choice === 'blocked') {
        index += 1;
        continue;
      }
      queue.splice(index, 1);
      this.#ids.add(message.id);
      choice.send(message, this.#nowMs());
    }
    return true;
  }

  /** Takes a message out of flight, by what its consumer says of it. */
  take(consumer: Consumer, id: string): Message | undefined {
    const message = consumer.take(id, this.#nowMs());
    if (message !== undefined) this.#release(message);
    return message;
  }

  /** Takes what has been in flight for longer than this. */
  takeExpired(timeoutMs: number): Message[] {
    const expired = [...this.consumers].flatMap((consumer) =>
      consumer.takeSentBefore(this.#nowMs() - timeoutMs),
    );
    for (const message of expired) this.#release(message);
    return expired;
  }

  #release(message: Message): void {
    this.#ids.delete(message.id);
    this.#dispatcher.release(message);
  }
}
