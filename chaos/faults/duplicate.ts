import { messageFault } from './at-operation.ts';

/**
 * Claims: the receiver gets an operation twice: the dependency a request, the service a push.
 * Checks: the wire proxy forwarded its bytes a second time; it reports when it cannot.
 * Could be fooled: by a protocol whose server drops duplicates itself, such as an idempotent
 * producer of Kafka.
 */
export const duplicate = messageFault('duplicate', () => ({
  point: 'request',
  action: { kind: 'duplicate' },
}));
