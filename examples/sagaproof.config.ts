/** A configuration that replaces three pieces and puts one implementation in. */
import type { SagaproofConfigInput } from '../harness/testbed/config.ts';

const config: SagaproofConfigInput = {
  addresses: {
    postgres: { url: 'postgres://admin:secret@db.internal:5432/postgres' },
    mongodb: { url: 'mongodb://mongo.internal:27017' },
    eventstore: { connectionString: 'esdb://eventstore.internal:2113?tls=false' },
  },
  subjects: ['../my-order/sagaproof.service.yaml'],
};

export default config;
