/** A configuration that replaces three components and puts one implementation in. */
import { defineConfig } from 'sagaproof';

export default defineConfig({
  addresses: {
    postgres: { url: 'postgres://admin:secret@db.internal:5432/postgres' },
    mongodb: { url: 'mongodb://mongo.internal:27017' },
    eventstore: { connectionString: 'esdb://eventstore.internal:2113?tls=false' },
  },
  subjects: ['../my-order/sagaproof.service.yaml'],
});
