import { participantConfig, runParticipant } from '#kit/participant-service.ts';
import { runService } from '#kit/service.ts';
import { MIGRATIONS, postgresInventory } from './adapters/postgres.ts';
import { createInventory } from './app.ts';
import { flawOf } from './domain.ts';
import { inventoryServer } from './server.ts';

await runService(participantConfig, (config, context) =>
  runParticipant(context, config, {
    name: 'inventory',
    migrations: MIGRATIONS,
    flawOf,
    compose({ database, codec }) {
      const store = postgresInventory(database, codec);
      const inventory = createInventory({ store, clock: context.clock, ids: context.ids });
      return { handle: inventory.handle, grpc: inventoryServer(inventory) };
    },
  }),
);
