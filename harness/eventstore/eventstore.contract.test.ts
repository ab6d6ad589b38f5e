import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { eventStoreContract } from './contract.ts';
import { startEventStoreServer } from './server.ts';
import { openSqliteStore } from './sqlite-store.ts';

/** A connection string; the suite then runs on that server instead of the embedded one. */
const realUrl = process.env['EVENTSTORE_CONTRACT_URL'];

describe(`The event store at ${realUrl ?? 'an address of our own'}`, () => {
  const resources = new AsyncDisposableStack();
  afterAll(() => resources.disposeAsync());

  eventStoreContract({
    async connect() {
      if (realUrl !== undefined) return realUrl;
      const folder = await mkdtemp(join(tmpdir(), 'eventstore-'));
      resources.defer(() => rm(folder, { recursive: true }));
      const store = resources.use(openSqliteStore({ folder }));
      const server = await startEventStoreServer({ store, host: '127.0.0.1', port: 0 });
      resources.use(server);
      return `esdb://127.0.0.1:${server.port}?tls=false`;
    },
  });
});
