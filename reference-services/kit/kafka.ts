/** Kafka for services: one producer, and consumers that keep the rules of DESIGN.md. */
export { kafkaConsumer } from './kafka-consumer.ts';
export { sideBySide } from './kafka-keys.ts';
export type { AnyReceived, ConsumerOptions, Received } from './kafka-processor.ts';
export { kafkaProducer, type Outgoing, type Producer } from './kafka-producer.ts';
