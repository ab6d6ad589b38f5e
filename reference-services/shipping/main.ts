import { participantConfig, runParticipant } from '#kit/participant-service.ts';
import { runService } from '#kit/service.ts';
import { MIGRATIONS, postgresShipping } from './adapters/postgres.ts';
import { createShipping } from './app.ts';
import { flawOf } from './domain.ts';
import { shippingServer } from './server.ts';

await runService(participantConfig, (config, context) =>
  runParticipant(context, config, {
    name: 'shipping',
    migrations: MIGRATIONS,
    flawOf,
    compose({ database, codec }) {
      const store = postgresShipping(database, codec);
      const shipping = createShipping({ store, clock: context.clock, ids: context.ids });
      return { handle: shipping.handle, grpc: shippingServer(shipping) };
    },
  }),
);
