import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { killedWithParent } from '../../kernel/child-command.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { packageProgram } from '../../kernel/package-assets.ts';
import { result, resultJson } from '../../terminal/output.ts';
import { interruption } from '../interruption.ts';

interface EventstoreOptions {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly advertiseHost?: string;
  readonly advertisePort?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
  readonly users?: string;
  readonly maxAppendSize?: number;
  readonly json?: boolean;
}

/** How much of the server's last words goes into an error. */
const REASON_LENGTH_MAX = 2_000;

/** `sagaproof eventstore`: runs the embedded event store until it is interrupted. */
export async function eventstore(options: EventstoreOptions): Promise<void> {
  using interrupted = interruption();
  const server = await startServer(options);
  const stop = () => void server.child.kill('SIGTERM');
  interrupted.signal.addEventListener('abort', stop);
  if (interrupted.signal.aborted) stop();
  const port = await Promise.race([server.listening, server.exited.then(() => undefined)]);
  if (port !== undefined) announce(options, port);
  const code = await server.exited;
  if (code === 0 && interrupted.signal.aborted) return;
  throw new SagaproofError(
    port === undefined ? 'boot-failed' : 'stack-lost',
    `the event store ended with ${code ?? 'a signal'}: ${server.reason() || 'no reason given'}`,
    { file: resolve(options.data) },
  );
}

function announce({ host, data, tlsCert, json }: EventstoreOptions, port: number): void {
  const url = `esdb://${host}:${port}?tls=${tlsCert !== undefined}`;
  const folder = resolve(data);
  if (json) resultJson({ url, host, port, data: folder });
  else result(`Event store ready: ${url}\nEvents are kept in ${folder}. Stop it with Ctrl-C.`);
}

async function startServer(options: EventstoreOptions) {
  const program = packageProgram('harness/eventstore/main');
  const command = await killedWithParent([process.execPath, program, ...flagsOf(options)]);
  const [file = process.execPath, ...args] = command;
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-REASON_LENGTH_MAX);
  });
  const exited = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> });
  const listening = once(lines, 'line').then(
    ([line]) => (JSON.parse(String(line)) as { listening: number }).listening,
  );
  return { child, exited, listening, reason: () => text.trim() };
}

/** The server's own flags have the same names. */
function flagsOf(options: EventstoreOptions): readonly string[] {
  const files = { tlsCert: '--tls-cert', tlsKey: '--tls-key', tlsCa: '--tls-ca', users: '--users' };
  const paths = Object.entries(files).flatMap(([name, flag]) => {
    const path = options[name as keyof typeof files];
    return path === undefined ? [] : [flag, resolve(path)];
  });
  const { host, port, data, advertiseHost, advertisePort, maxAppendSize } = options;
  return [
    ...['--data', resolve(data), '--host', host, '--port', `${port}`],
    ...(advertiseHost === undefined ? [] : ['--advertise-host', advertiseHost]),
    ...(advertisePort === undefined ? [] : ['--advertise-port', `${advertisePort}`]),
    ...(maxAppendSize === undefined ? [] : ['--max-append-size', `${maxAppendSize}`]),
    ...paths,
  ];
}
