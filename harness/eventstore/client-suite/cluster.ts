/**
 * Replaces `packages/test/src/utils/Cluster.ts` of the official client's repository: every node is
 * the embedded event store as a process of its own, where the original starts containers. The
 * client's own test runner loads this file, so it imports nothing but Node.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Set by `run.ts`: the server's program, and a folder with the certificates that it made. */
const SERVER = process.env['EVENTSTORE_SUITE_SERVER'] ?? '';
const CERTIFICATES = process.env['EVENTSTORE_SUITE_CERTIFICATES'] ?? '';
const NODE = process.env['EVENTSTORE_SUITE_NODE'] ?? process.execPath;
const SCRATCH = process.env['EVENTSTORE_SUITE_SCRATCH'] ?? '';

interface EndPoint {
  readonly address: string;
  readonly port: number;
}

const certificate = (name: string) => join(CERTIFICATES, name);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** One node, whatever the number asked for: this store has no clusters. */
export class Cluster {
  readonly domain = 'localhost';
  private readonly folder: string;
  private readonly isInsecure: boolean;
  private port = 0;
  private child: ChildProcess | undefined;
  private readonly flags: string[] = [];

  constructor(_count: number, insecure = false) {
    this.isInsecure = insecure;
    mkdirSync(SCRATCH, { recursive: true });
    this.folder = mkdtempSync(join(SCRATCH, 'node-'));
  }

  setLogLevel = (): this => this;

  setOption = (key: string, value: unknown): this => {
    // The one option of a real server that a test depends on and that the store has.
    if (key === 'EVENTSTORE_MAX_APPEND_SIZE') this.flags.push('--max-append-size', `${value}`);
    return this;
  };

  get certPath() {
    if (this.isInsecure) throw new Error('An insecure node has no certificates.');
    const user = (name: string) => ({
      certPath: certificate(`user-${name}.crt`),
      certKeyPath: certificate(`user-${name}.key`),
    });
    return { root: certificate('ca.crt'), admin: user('admin'), invalid: user('invalid') };
  }

  get certs() {
    const { root, admin, invalid } = this.certPath;
    const user = ({ certPath, certKeyPath }: typeof admin) => ({
      userCertFile: readFileSync(certPath),
      userKeyFile: readFileSync(certKeyPath),
    });
    return { root: readFileSync(root), users: { admin: user(admin), invalid: user(invalid) } };
  }

  get uri(): string {
    return `${this.domain}:${this.port}`;
  }

  get endpoints(): EndPoint[] {
    return [{ address: this.domain, port: this.port }];
  }

  up = async (): Promise<void> => {
    if (this.port === 0) this.port = await freePort();
    const security = this.isInsecure
      ? ['--insecure']
      : [
          ...['--tls-cert', certificate('node.crt'), '--tls-key', certificate('node.key')],
          ...['--tls-ca', certificate('ca.crt')],
        ];
    const args = ['--data', this.folder, '--port', `${this.port}`];
    const advertised = ['--advertise-host', this.domain];
    const child = spawn(NODE, [SERVER, ...args, ...advertised, ...security, ...this.flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
    await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`The event store ended at its start with ${code}.`);
      }),
    ]);
  };

  private readonly stop = async (signal: NodeJS.Signals): Promise<void> => {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };

  down = async (): Promise<void> => {
    await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  };

  /** What `docker stop` does: SIGTERM. */
  killNode = (_node: EndPoint): Promise<void> => this.stop('SIGTERM');

  resurrect = (): Promise<void> => this.up();

  enableNodeLogs = async (): Promise<void> => undefined;
  inspect = (): void => undefined;
}

/** Makes the certificates of a suite run: a CA, the node's, and two users'. */
export function makeCertificates(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const openssl = (args: readonly string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const request = (name: string, subject: string, rest: readonly string[]) =>
    openssl([
      ...['req', '-x509', '-days', '7', ...newKey, '-subj', `/CN=${subject}`],
      ...['-keyout', `${name}.key`, '-out', `${name}.crt`, ...rest],
    ]);
  request('ca', 'test-ca', ['-addext', 'basicConstraints=critical,CA:TRUE']);
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key'];
  const leaf = [...signed, '-addext', 'basicConstraints=CA:FALSE'];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  request('node', 'eventstoredb-node', [...leaf, '-addext', names]);
  for (const user of ['admin', 'invalid']) {
    request(`user-${user}`, user, [...leaf, '-addext', 'extendedKeyUsage=clientAuth']);
  }
}
