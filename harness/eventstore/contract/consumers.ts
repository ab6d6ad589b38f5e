/** Consumers of persistent subscriptions, as the suites drive them. */
import {
  type EventStoreDBClient,
  type PersistentSubscriptionToAll,
  type PersistentSubscriptionToStream,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import { expect } from 'vitest';
import { WAIT_MS, within } from './target.ts';

export type Subscription = PersistentSubscriptionToStream | PersistentSubscriptionToAll;
export type Delivery = Parameters<Subscription['ack']>[0] & { readonly retryCount: number };

/** Settings of a group that starts at the beginning and checkpoints after every message. */
export const fromStart = (
  changes: Partial<
    Parameters<typeof persistentSubscriptionToStreamSettingsFromDefaults>[0] & object
  > = {},
) =>
  persistentSubscriptionToStreamSettingsFromDefaults({
    startFrom: START,
    checkPointLowerBound: 1,
    checkPointUpperBound: 1,
    ...changes,
  });

export const allFromStart = () =>
  persistentSubscriptionToAllSettingsFromDefaults({
    startFrom: START,
    checkPointLowerBound: 1,
    checkPointUpperBound: 1,
  });

/** Collects what a consumer gets; answers it as `onDelivery` says. */
export class TestConsumer {
  readonly deliveries: Delivery[] = [];
  readonly ended: Promise<unknown>;
  readonly #subscription: Subscription;

  constructor(
    subscription: Subscription,
    onDelivery: (delivery: Delivery, subscription: Subscription) => unknown = () => undefined,
  ) {
    this.#subscription = subscription;
    this.ended = new Promise((resolve) => subscription.once('error', resolve));
    subscription.on('data', (delivery: Delivery) => {
      this.deliveries.push(delivery);
      onDelivery(delivery, subscription);
    });
  }

  /** Waits for this many deliveries and gives them. */
  async until(count: number): Promise<readonly Delivery[]> {
    await expect
      .poll(() => this.deliveries.length, { timeout: WAIT_MS })
      .toBeGreaterThanOrEqual(count);
    return this.deliveries;
  }

  ack(...deliveries: readonly Delivery[]): Promise<void> {
    return this.#subscription.ack(...deliveries);
  }

  nack(action: Parameters<Subscription['nack']>[0], ...deliveries: readonly Delivery[]) {
    return this.#subscription.nack(action, 'test', ...deliveries);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#subscription.once('close', resolve));
    await this.#subscription.unsubscribe();
    await within('the consumer is disconnected', closed);
  }
}

export const ackAll = (delivery: Delivery, subscription: Subscription) =>
  subscription.ack(delivery);

/** A consumer of a group on a stream. */
export function consume(
  client: EventStoreDBClient,
  stream: string,
  group: string,
  onDelivery?: ConstructorParameters<typeof TestConsumer>[1],
  bufferSize = 10,
): TestConsumer {
  const subscription = client.subscribeToPersistentSubscriptionToStream(stream, group, {
    bufferSize,
  });
  return new TestConsumer(subscription, onDelivery);
}
