import { Counter, Gauge, type Registry } from 'prom-client';
import type { Meter } from '../ports.ts';

/** The service's own metrics, in addition to those of the kit. */
export function prometheusMeter(registry: Registry): Meter {
  const ignored = new Counter({
    name: 'order_saga_inputs_ignored_total',
    help: 'Inputs that changed nothing, by reason.',
    labelNames: ['reason'],
    registers: [registry],
  });
  const published = new Counter({
    name: 'order_events_published_total',
    help: 'Stored events that were published, again or for the first time.',
    registers: [registry],
  });
  const leading = new Gauge({
    name: 'order_publisher_leading',
    help: '1 while this instance publishes and fires timers.',
    registers: [registry],
  });
  leading.set(0);
  return {
    ignored: (reason) => ignored.inc({ reason }),
    published: (events) => published.inc(events),
    leading: (isLeading) => leading.set(isLeading ? 1 : 0),
  };
}
