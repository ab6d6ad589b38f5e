/** For tests of the runner: a run folder, and a supervisor that answers as if its stack were up. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Unrecorded } from '../history/event.ts';
import { type AddressBook, SERVICES } from '../kernel/address-book.ts';
import { runPaths } from '../kernel/run-folder.ts';
import { createControl } from '../testbed/control-client.ts';
import { type Orders, startControlServer } from '../testbed/control-server.ts';
import { findScenarios, type ScenarioFile } from './scenario-files.ts';
import type { ScenarioProgress } from './scenario-results.ts';
import type { PlayOptions } from './scenarios.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** Scenarios of the fixtures, by their names. */
export const fixtures = (...names: readonly string[]): ScenarioFile[] =>
  findScenarios([FIXTURES]).filter(({ name }) => names.includes(name));

/** What a stack of reference services looks like; nothing listens at its addresses. */
function addressBook(runFolder: string): AddressBook {
  const ports = { http: 1, grpc: 1, ws: 1 };
  const services = SERVICES.map((service) => ({
    service,
    absentFeatures: service === 'query' ? ['rebuild'] : [],
    instances: [{ id: `${service}-1`, pid: 1, host: '127.0.0.1', ports }],
  }));
  const byName = Object.fromEntries(services.map((one) => [one.service, one]));
  return { runFolder, services: byName, links: [] } as unknown as AddressBook;
}

export interface FakeRun extends AsyncDisposable {
  readonly options: PlayOptions;
  readonly recorded: Unrecorded[];
  readonly progress: ScenarioProgress[];
  /** What was asked of the supervisor, and `restore links`. */
  readonly asked: string[];
  readonly abort: (reason: Error) => void;
  log(): string;
}

/** A run that scenarios can be played in. */
export async function fakeRun(): Promise<FakeRun> {
  const runFolder = mkdtempSync(join(tmpdir(), 'run-'));
  const book = addressBook(runFolder);
  const asked: string[] = [];
  const orders: Partial<Orders> = {
    addressBook: () => book,
    async status() {
      const about = { runId: 'a-run', state: 'ready', fingerprint: '', owned: false } as const;
      return { ...about, resources: [{ name: 'order-1', kind: 'service', state: 'paused' }] };
    },
    async *events() {
      yield { at: '', resource: 'stack', phase: 'ready' } as never;
    },
    async signal(id, signal) {
      asked.push(`${signal} ${id}`);
    },
  };
  const { controlSocket } = runPaths(runFolder);
  const server = await startControlServer(controlSocket, orders as Orders);
  const stopping = new AbortController();
  const recorded: Unrecorded[] = [];
  const progress: ScenarioProgress[] = [];
  const logFile = join(runFolder, 'scenarios.log');
  const links = {
    restoreAll: async () => {
      asked.push('restore links');
    },
  };
  return {
    options: {
      run: '20260101-000000-abcdef',
      seed: 'a-seed',
      runFolder,
      logFile,
      stack: {
        runFolder,
        addressBook: book,
        control: createControl(controlSocket),
        links: links as never,
      },
      record: (event) => recorded.push(event),
      onProgress: (one) => progress.push(one),
      signal: stopping.signal,
    },
    recorded,
    progress,
    asked,
    abort: (reason) => stopping.abort(reason),
    log: () => readFileSync(logFile, 'utf8'),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(runFolder, { recursive: true, force: true });
    },
  };
}
