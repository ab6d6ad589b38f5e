import { participantConfig, runParticipant } from '#kit/participant-service.ts';
import { runService } from '#kit/service.ts';
import { MIGRATIONS, postgresPayments } from './adapters/postgres.ts';
import { sandboxAcquirer } from './adapters/sandbox-acquirer.ts';
import { createPayments } from './app.ts';
import { flawOf } from './domain.ts';
import { paymentServer } from './server.ts';

await runService(participantConfig, (config, context) =>
  runParticipant(context, config, {
    name: 'payment',
    migrations: MIGRATIONS,
    flawOf,
    compose({ database, codec }) {
      const store = postgresPayments(database, codec);
      const { clock, ids } = context;
      const payments = createPayments({ store, acquirer: sandboxAcquirer(), clock, ids });
      return { handle: payments.handle, grpc: paymentServer(payments) };
    },
  }),
);
