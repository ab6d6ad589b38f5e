/**
 * Who publishes on each topic, as contracts/spec/topics.yaml says; written out, so that judging a
 * history reads nothing but the history. A test holds it to the table.
 */
export const PRODUCERS: Readonly<Record<string, string>> = {
  'order.events': 'order',
  'inventory.commands': 'order',
  'payment.commands': 'order',
  'shipping.commands': 'order',
  'inventory.events': 'inventory',
  'payment.events': 'payment',
  'shipping.events': 'shipping',
  'job.updates': 'job-management',
  'websocket.connections': 'websocket',
};
