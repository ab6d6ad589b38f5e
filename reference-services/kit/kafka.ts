/** Kafka for services: one producer, and consumers that keep the rules of DESIGN.md. */
export { type Consumer, kafkaConsumer } from './kafka-consumer.ts';
export type { AnyReceived, ConsumerOptions, Received } from './kafka-processor.ts';
export {
  eventTypeOf,
  kafkaProducer,
  type Outgoing,
  type Producer,
  type RawRecord,
} from './kafka-producer.ts';
