import pg from 'pg';
import { Skipped } from '../bridge.ts';
import { onceWritten } from '../outbox.ts';
import { exclusive, type StateContext, type States } from '../state.ts';

const REQUEST_MS = 10_000;
/** The database whose outbox is changed, or not read. */
const DATABASE = 'inventory';

async function alter({ stack }: StateContext, sql: string): Promise<void> {
  const client = new pg.Client({
    connectionString: stack.addressBook.postgres.databases[DATABASE]?.ownerUrl,
    statement_timeout: REQUEST_MS,
    connectionTimeoutMillis: REQUEST_MS,
  });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Asks Connect; the path begins behind `/connectors`. */
async function connect({ stack }: StateContext, method: 'GET' | 'PUT', path: string) {
  const response = await fetch(`${stack.addressBook.connect.url}/connectors${path}`, {
    method,
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  if (!response.ok) throw new Error(`Connect: HTTP ${response.status}, ${method} ${path}`);
  const text = await response.text();
  return (text === '' ? {} : JSON.parse(text)) as unknown;
}

interface Connectors {
  readonly [name: string]: { readonly info: { readonly config: Record<string, string> } };
}

async function connectorName(context: StateContext): Promise<string> {
  const connectors = (await connect(context, 'GET', '?expand=info')) as Connectors;
  const found = Object.entries(connectors).find(
    ([, { info }]) => info.config['database.dbname'] === DATABASE,
  );
  if (found === undefined) throw new Skipped(`Connect has no connector of ${DATABASE}`);
  return found[0];
}

interface Status {
  readonly tasks: ReadonlyArray<{ readonly state: string }>;
}

async function taskIs(context: StateContext, name: string, state: string): Promise<void> {
  await context.until(`the task of ${name} to be ${state}`, async () => {
    const { tasks } = (await connect(context, 'GET', `/${name}/status`)) as Status;
    return tasks[0]?.state === state;
  });
}

/** Sets up the provider states of the outbox and of Connect. */
export const outboxStates: States = {
  'Debezium reads the outbox': async () => undefined,
  'the outbox has an unknown column': exclusive(async (context) => {
    context.defer(() => alter(context, 'alter table outbox drop column note'));
    await alter(context, 'alter table outbox add column note text');
  }),
  'Debezium is away until everything is written': exclusive(async (context) => {
    const name = await connectorName(context);
    const resumed = async () => {
      await connect(context, 'PUT', `/${name}/resume`);
      await taskIs(context, name, 'RUNNING');
    };
    context.defer(resumed);
    await connect(context, 'PUT', `/${name}/pause`);
    await taskIs(context, name, 'PAUSED');
    onceWritten(context, resumed);
  }),
};
