import { SAGAS } from '#contracts/spec/sagas.generated.ts';
import type { Unrecorded } from '../history/event.ts';

const STARTED: readonly unknown[] = SAGAS.map(({ started }) => started.event);

/**
 * What this run created, by its records: end states are read for these only, so that what earlier
 * runs left on a warm stack is not taken for this one's.
 */
export class RunEntities {
  readonly orders = new Set<string>();
  readonly products = new Set<string>();
  readonly cards = new Set<string>();
  /** Ids of the messages that were seen on Kafka. */
  readonly published = new Set<string>();

  observe(event: Unrecorded): void {
    if (event.type !== 'kafka') return;
    this.published.add(String(event.headers['id']));
    if (event.value === undefined) return;
    const { orderId } = event.value;
    const payload = (event.value['payload'] ?? {}) as Readonly<Record<string, unknown>>;
    const type = payload['type'];
    if (STARTED.includes(type) && typeof orderId === 'string') this.orders.add(orderId);
    switch (type) {
      case 'StockReceived':
        this.products.add(String(payload['sku']));
        break;
      case 'CardRegistered':
        this.cards.add(String(payload['cardToken']));
        break;
    }
  }
}
