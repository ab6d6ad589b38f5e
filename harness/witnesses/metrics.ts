import { type AdminPort, adminPorts, askAdmin } from './admin-ports.ts';
import { readMetrics } from './metrics-page.ts';
import { IncompleteSource, type RecordEvent, type Recorder, type Witness } from './witness.ts';

/** How often each page is read. */
const INTERVAL_MS = 10_000;
const DEADLINE_MS = 5_000;
const FOUND = 200;

/** Records each instance's page of metrics: at the start, at intervals, and at the end. */
export const metrics: Witness = {
  name: 'metrics',
  sources: ['metrics'],
  settles: 'snapshot',
  start: ({ book, record }) => startMetrics(adminPorts(book), record),
};

export async function startMetrics(
  ports: readonly AdminPort[],
  record: RecordEvent,
  intervalMs = INTERVAL_MS,
): Promise<Recorder> {
  let events = 0;
  const readOne = async (at: AdminPort) => {
    // An instance that is away, or has no such page, is not read.
    const answer = await askAdmin(at, '/metrics', DEADLINE_MS).catch(() => undefined);
    if (answer?.status !== FOUND) return;
    record({ type: 'metrics', instance: at.instance, ...readMetrics(answer.text) });
    events++;
  };
  const readAll = () => Promise.all(ports.map(readOne));
  await readAll();
  let reading: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    reading = reading.then(readAll);
  }, intervalMs);
  return {
    get events() {
      return events;
    },
    async settle() {
      clearInterval(timer);
      await reading;
      await readAll();
      if (events === 0) throw new IncompleteSource('no instance has a page of metrics');
    },
    async close() {
      clearInterval(timer);
      await reading;
    },
  };
}
