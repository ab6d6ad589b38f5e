/** Kafka for services: one producer, and consumers that keep the rules of DESIGN.md. */
export {
  type AnyReceived,
  type Consumer,
  type ConsumerOptions,
  kafkaConsumer,
  type Received,
} from './kafka-consumer.ts';
export {
  eventTypeOf,
  kafkaProducer,
  type Outgoing,
  type Producer,
  type RawRecord,
} from './kafka-producer.ts';
