/** A piece of infrastructure as a resource, whoever provides it. */

import { join } from 'node:path';
import type { Infrastructure } from '../kernel/address-book.ts';
import { deadline, until } from '../kernel/poll.ts';
import type { RunPaths } from '../kernel/run-folder.ts';
import type { Installation } from '../provision/installation.ts';
import { type ChildSpec, readLogTail } from './child.ts';
import type { PortBlock } from './ports.ts';
import { accepts } from './probe.ts';
import type { ProcessTable } from './process-table.ts';
import type { Resource } from './resource.ts';

/** Generous, because a busy CI machine starts a JVM many times slower than a quiet one. */
const UP_TIMEOUT_MS = 120_000;
/** A health check that takes longer is a failed one. */
export const HEALTH_TIMEOUT_MS = 5_000;
/** SIGKILL follows SIGTERM after this; servers whose data is thrown away need no more. */
const GRACE_MS = 4_000;
/** Room for the grace, the kill and a busy machine. */
const DOWN_TIMEOUT_MS = 15_000;

/** What every resource of one stack shares. */
export interface StackContext {
  readonly paths: RunPaths;
  readonly installation: Installation;
  readonly table: ProcessTable;
  readonly ports: PortBlock;
  /** For benchmarks: nothing that makes a start faster. */
  readonly untuned: boolean;
}

/**
 * Who serves a piece. `address`: somebody else runs it and only its answers matter. `native`: a
 * child process. The container provider will be a third kind with a start and a stop of its own.
 */
export type Provider =
  | { readonly kind: 'address' }
  | {
      readonly kind: 'native';
      readonly version: string;
      /** Where it listens: it is asked by protocol only once somebody does. */
      readonly port: number;
      /**
       * Ends it with the stack. What it has written goes with it, so most need no time to save
       * anything; the default is SIGKILL.
       */
      readonly lastSignal?: NodeJS.Signals;
      /** Makes the data folder ready and says what to run. */
      readonly command: (signal: AbortSignal) => Promise<NativeCommand>;
    };

export type NativeCommand = Pick<ChildSpec, 'command' | 'prefix' | 'uid' | 'gid' | 'stopSignal'> & {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

export interface PieceOptions {
  readonly name: Infrastructure;
  readonly after?: readonly string[];
  readonly leansOn?: readonly string[];
  readonly provider: Provider;
  /** One question by protocol; throws until it is answered as it should be. */
  readonly answers: (signal: AbortSignal) => Promise<void>;
  /** What the stack needs in it: topics, databases, schemas. */
  readonly prepare?: (signal: AbortSignal) => Promise<void>;
  readonly verify?: (signal: AbortSignal) => Promise<void>;
}

/** The least a server needs: where programs are, and what marks it as ours. */
export function childEnv(paths: RunPaths, more: Readonly<Record<string, string>> = {}) {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: process.env['HOME'] ?? paths.data,
    TZ: 'UTC',
    ...marker(paths),
    ...more,
  };
}

/** Where Node keeps compiled modules. */
export const compileCache = (context: StackContext): Record<string, string> =>
  context.untuned ? {} : { NODE_COMPILE_CACHE: join(context.installation.cacheFolder, 'compile') };

/** In the environment of every child, so that what it leaves behind can be told from a stranger. */
const marker = (paths: RunPaths) => ({ SAGAPROOF_RUN_ID: paths.runId });

/** A resource of one process that can be started again on the same ports and the same data. */
export interface Restartable extends Resource {
  /** @param env of a service: instead of its manifest's values, for this start alone */
  restart(signal: AbortSignal, env?: Readonly<Record<string, string>>): Promise<void>;
}

export function piece(context: StackContext, options: PieceOptions): Restartable {
  const { name, provider } = options;
  const logFile = join(context.paths.logs, `${name}.log`);
  const ready = async (signal: AbortSignal): Promise<void> => {
    if (provider.kind === 'native') {
      const address = { host: '127.0.0.1', port: provider.port };
      await until(`${name} listens`, () => accepts(address, signal), { signal });
    }
    await until(`${name} answers`, () => answersInTime(options, signal), { signal });
    await options.prepare?.(signal);
  };
  return {
    name,
    ...(options.after === undefined ? {} : { after: options.after }),
    ...(options.leansOn === undefined ? {} : { leansOn: options.leansOn }),
    upTimeoutMs: UP_TIMEOUT_MS,
    downTimeoutMs: DOWN_TIMEOUT_MS,
    async up(signal) {
      if (provider.kind === 'address') return ready(signal);
      const { env, ...native } = await provider.command(signal);
      const spec = {
        ...native,
        id: name,
        kind: 'infrastructure' as const,
        env: childEnv(context.paths, env),
        logFile,
        graceMs: GRACE_MS,
      };
      const child = await context.table.start(spec, signal);
      await child.whileAlive(ready(signal));
      context.table.markReady(name);
    },
    async restart(signal) {
      if (provider.kind === 'address') {
        throw new Error(`${name} is at an address of yours: restart it where it runs`);
      }
      await context.table.stop(name);
      const child = await context.table.again(name, signal);
      await child.whileAlive(ready(signal));
      context.table.markReady(name);
    },
    healthCheck: (signal) => answersInTime(options, signal),
    ...(options.verify === undefined ? {} : { verify: options.verify }),
    async down() {
      const lastSignal = provider.kind === 'native' ? provider.lastSignal : undefined;
      await context.table.stop(name, lastSignal ?? 'SIGKILL');
    },
    logTail: () => readLogTail(logFile),
  };
}

async function answersInTime(options: PieceOptions, parent: AbortSignal): Promise<void> {
  using limit = deadline(`an answer of ${options.name}`, HEALTH_TIMEOUT_MS, parent);
  await options.answers(limit.signal);
}
