/** Child processes of the supervisor. */
import { join } from 'node:path';
import type { Infrastructure } from '../../../kernel/address-book.ts';
import type { StackContext } from '../../stack-context.ts';
import type { HostPort, Provider } from '../provider.ts';
import { type Child, type ChildSpec, readLogTail } from './child.ts';
import { childEnv } from './child-env.ts';
import { NATIVE_HOST } from './host.ts';

/** SIGKILL follows SIGTERM after this; servers whose data is thrown away need no more. */
const SERVER_GRACE_MS = 4_000;

export type NativeCommand = Pick<ChildSpec, 'command' | 'prefix' | 'uid' | 'gid' | 'stopSignal'> & {
  /** In addition to what every child gets. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

export interface NativeOptions extends Pick<ChildSpec, 'id' | 'kind' | 'service' | 'graceMs'> {
  readonly version: string;
  readonly address: HostPort;
  /** Ends it with the stack; absent = its stop signal, as at any other time. */
  readonly lastSignal?: NodeJS.Signals;
  /** Prepares the data folder and returns the command to run. */
  readonly command: (signal: AbortSignal) => Promise<NativeCommand>;
}

export function nativeProvider(context: StackContext, options: NativeOptions): Provider {
  const { paths, table } = context;
  const { id, kind, service, graceMs, version, address, lastSignal } = options;
  const logFile = join(paths.logs, `${id}.log`);
  const untilReady = async (child: Child, ready: Promise<void>): Promise<void> => {
    await child.whileAlive(ready);
    table.markReady(id);
  };
  return {
    kind: 'native',
    version,
    address,
    async start(ready, signal) {
      const { env, ...command } = await options.command(signal);
      const naming = { id, kind, ...(service === undefined ? {} : { service }) };
      const spec = { ...command, ...naming, env: childEnv(paths, env), logFile, graceMs };
      await untilReady(await table.start(spec, signal), ready(signal));
    },
    async restart(ready, signal, env) {
      await table.stop(id);
      await untilReady(await table.respawn(id, signal, env), ready(signal));
    },
    stop: ({ final = false } = {}) => table.stop(id, final ? lastSignal : undefined),
    async signal(name) {
      const child = table.get(id);
      child.signal(name);
      if (name === 'SIGKILL') await child.exited;
    },
    process() {
      const child = table.find(id);
      return child && { pid: child.identity.pid, exit: child.exit };
    },
    logs: () => readLogTail(logFile),
  };
}

export interface NativeServerOptions extends Pick<NativeOptions, 'version' | 'command'> {
  readonly name: Infrastructure;
  readonly port: number;
  /**
   * Ends it with the stack. Its data goes with it, so most servers need no time to save any; the
   * default is SIGKILL.
   */
  readonly lastSignal?: NodeJS.Signals;
}

/** A server of the stack's infrastructure. */
export function nativeServer(context: StackContext, options: NativeServerOptions): Provider {
  const { name, port, version, command, lastSignal = 'SIGKILL' } = options;
  return nativeProvider(context, {
    id: name,
    kind: 'infrastructure',
    graceMs: SERVER_GRACE_MS,
    version,
    address: { host: NATIVE_HOST, port },
    lastSignal,
    command,
  });
}
