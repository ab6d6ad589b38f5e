import { connect } from 'node:net';
import { INFRASTRUCTURE, type Infrastructure } from '../kernel/address-book.ts';
import { cacheFolder } from './cache-folder.ts';
import { catalogue, MADE_OF } from './catalogue.ts';
import type { Problem } from './error.ts';
import { inspectMachine, type Machine } from './machine.ts';
import { currentPlatform, type Manifest, type ToolName } from './manifest.ts';
import { asInstalled, type InstalledPackage, inspectPackage, type Package } from './package.ts';
import { describeJava } from './packages/java.ts';
import type { EntryState } from './stamp.ts';
import { type FindToolOptions, findTool } from './tools.ts';

/** A component that is `missing` with the fix `sagaproof up` is installed by that command. */
export type DoctorState = 'ok' | 'missing' | 'corrupt' | 'too-old' | 'unreachable';

export interface DoctorRow {
  readonly component: string;
  readonly provider: 'address' | 'native' | 'container';
  /** Where it comes from: a path, a package or an address. */
  readonly from: string;
  readonly version: string;
  readonly state: DoctorState;
  readonly detail?: string;
  readonly fix?: string;
}

export interface DoctorReport {
  /** `installable`: `sagaproof up` installs missing components; `blocked`: see `fix`. */
  readonly verdict: 'ready' | 'installable' | 'blocked';
  readonly platform: string;
  readonly cacheFolder: string;
  readonly components: readonly DoctorRow[];
  /** Programs of the machine: runtimes and package managers. */
  readonly tools: readonly DoctorRow[];
  readonly notes: readonly string[];
}

export interface DoctorOptions {
  readonly cache?: string;
  /** `addresses` of `sagaproof.config.ts`, by component. */
  readonly addresses?: Readonly<Partial<Record<Infrastructure, object>>>;
  readonly env?: NodeJS.ProcessEnv;
}

const INSTALLS = 'npx -y pnpm@12 sagaproof up';
const CONNECT_TIMEOUT_MS = 2_000;

/** Servers of this repository, which run on the Node that runs everything. */
const OWN: Partial<Record<Infrastructure, string>> = {
  eventstore: 'harness/eventstore (EventStoreDB protocol on node:sqlite)',
  oidc: 'npm oidc-provider, issuing tokens shaped like Cognito’s',
  smtp: 'npm smtp-server',
  otlp: 'harness/testbed/otlp',
};

interface Examined {
  readonly pkg: Package;
  readonly state: EntryState;
  readonly lacks: readonly Problem[];
}

/** Checks every component and tool of the machine without changing anything. */
export async function doctorReport(options: DoctorOptions = {}): Promise<DoctorReport> {
  const env = options.env ?? process.env;
  const cache = options.cache ?? cacheFolder(env);
  const machine = await inspectMachine(env);
  const replaced = INFRASTRUCTURE.filter((name) => options.addresses?.[name] !== undefined);
  const examined = await examine(catalogue(machine, replaced), cache);
  const components = await Promise.all(
    INFRASTRUCTURE.map((name) => {
      const address = options.addresses?.[name];
      return address === undefined ? nativeRow(name, machine, examined) : addressRow(name, address);
    }),
  );
  const installs = [...examined.values()].some(({ state }) => state.state !== 'ok');
  const tools = await toolRows(machine, examined, env, installs);
  return {
    verdict: verdictOf([...components, ...tools]),
    platform: currentPlatform(),
    cacheFolder: cache,
    components,
    tools,
    notes: notesOf(examined),
  };
}

/** `blocked` when `sagaproof up` cannot fix a problem. */
function verdictOf(rows: readonly DoctorRow[]): DoctorReport['verdict'] {
  const wrong = rows.filter((row) => row.state !== 'ok');
  if (wrong.length === 0) return 'ready';
  return wrong.every((row) => row.fix === INSTALLS) ? 'installable' : 'blocked';
}

/** Verifies the checksum of every file, which `up` skips to start faster. */
async function examine(
  packages: readonly Package[],
  cache: string,
): Promise<ReadonlyMap<string, Examined>> {
  const installed = new Map<string, InstalledPackage>();
  const examined = new Map<string, Examined>();
  for (const pkg of packages) {
    const known = pkg.needs.every((name) => installed.has(name));
    const state: EntryState = known
      ? inspectPackage(pkg, cache, installed, { thorough: true })
      : { state: 'missing' };
    if (state.state === 'ok') installed.set(pkg.name, asInstalled(state));
    const lacks = state.state === 'ok' ? [] : ((await pkg.lacks?.()) ?? []);
    examined.set(pkg.name, { pkg, state, lacks });
  }
  return examined;
}

function nativeRow(
  name: Infrastructure,
  machine: Machine,
  examined: ReadonlyMap<string, Examined>,
): DoctorRow {
  const own = OWN[name];
  const base = { component: name, provider: 'native' as const };
  if (own !== undefined) {
    return { ...base, from: own, version: `node ${process.versions.node}`, state: 'ok' };
  }
  if (name === 'redis' && machine.redis !== undefined) {
    return { ...base, from: machine.redis.binary, version: machine.redis.version, state: 'ok' };
  }
  const row = { ...base, from: sourceOf(name, machine), version: versionOf(name, machine) };
  const parts = (MADE_OF[name] ?? []).flatMap((part) => examined.get(part) ?? []);
  return { ...row, ...conditionOf(parts.filter(({ pkg }) => !pkg.optional)) };
}

/** The worst state of several parts and its fix. */
function conditionOf(parts: readonly Examined[]): Pick<DoctorRow, 'state' | 'detail' | 'fix'> {
  const [lack] = parts.flatMap(({ lacks }) => lacks);
  const wrong = parts.find(({ state }) => state.state === 'corrupt') ?? parts.find(isNotOk);
  if (wrong === undefined) return { state: 'ok' };
  const { state } = wrong;
  return {
    state: state.state,
    detail: state.state === 'corrupt' ? state.why : (lack?.message ?? 'not installed yet'),
    fix: lack?.fix ?? INSTALLS,
  };
}

function isNotOk({ state }: Examined): boolean {
  return state.state !== 'ok';
}

function manifestPackageOf(name: Infrastructure, manifest: Manifest) {
  const found = Object.values(manifest.packages).filter(({ serves }) => serves.includes(name));
  // Java serves the JVM servers as well, but is not what they are.
  const pkg = found.find(({ source }) => source.kind === 'maven') ?? found[0];
  if (pkg === undefined) throw new Error(`the manifest has nothing that serves ${name}`);
  return pkg;
}

function versionOf(name: Infrastructure, { manifest }: Machine): string {
  const pkg = manifestPackageOf(name, manifest);
  const own = pkg.components?.[name]?.version ?? pkg.version;
  return name === 'connect' ? `${own}, Debezium ${pkg.components?.['debezium']?.version}` : own;
}

/** The package that provides a component, as its registry names it. */
function sourceOf(name: Infrastructure, { manifest }: Machine): string {
  const { source, components } = manifestPackageOf(name, manifest);
  switch (source.kind) {
    case 'maven':
      return `Maven ${components?.[name]?.artifact}`;
    case 'wheel':
      return `PyPI wheel ${source.package}`;
    case 'python':
      return `PyPI ${source.package}`;
    case 'go':
      return `Go module ${source.package}`;
    case 'npm':
      return `npm ${source.package.replace('<platform>', currentPlatform())}`;
    default:
      return source satisfies never;
  }
}

async function addressRow(name: Infrastructure, address: object): Promise<DoctorRow> {
  const { host, port } = hostAndPort(address);
  const row = {
    component: name,
    provider: 'address' as const,
    from: `${host}:${port}`,
    version: '–',
  };
  const refusal = await probe(host, port);
  if (refusal === undefined) return { ...row, state: 'ok' };
  const fix = `start it, or correct addresses.${name} in sagaproof.config.ts`;
  return { ...row, state: 'unreachable', detail: refusal, fix };
}

/** Host and port of an address, whatever its form; never its user or password. */
export function hostAndPort(address: object): { readonly host: string; readonly port: number } {
  const values = Object.values(address as Record<string, unknown>);
  const named = address as { host?: unknown; port?: unknown };
  if (typeof named.host === 'string' && typeof named.port === 'number') {
    return { host: named.host, port: named.port };
  }
  const first = values.find((value) => typeof value === 'string') ?? '';
  const text = String(first);
  const url = new URL(text.includes('://') ? text : `tcp://${text}`);
  return { host: url.hostname, port: Number(url.port) || (DEFAULT_PORTS[url.protocol] ?? 0) };
}

/** Ports of URLs that name none. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
  'rediss:': 6379,
  'mongodb:': 27_017,
  'esdb:': 2113,
  'kurrentdb:': 2113,
};

/** Tries to connect; resolves with the error, or undefined on success. */
function probe(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const end = (answer: string | undefined) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`));
    socket.once('error', (error) => end(error.message));
  });
}

async function toolRows(
  machine: Machine,
  examined: ReadonlyMap<string, Examined>,
  env: NodeJS.ProcessEnv,
  installs: boolean,
): Promise<readonly DoctorRow[]> {
  const { tools } = machine.manifest;
  const names = Object.keys(tools) as ToolName[];
  const options = { env, takeSilent: machine.java === undefined };
  const rows = await Promise.all(names.map((name) => toolRow(name, tools, options, installs)));
  return [await javaRow(machine, examined, env), ...rows];
}

async function toolRow(
  name: ToolName,
  tools: Manifest['tools'],
  options: FindToolOptions,
  installs: boolean,
): Promise<DoctorRow> {
  const finding = await findTool(name, tools, name, options);
  const base = { component: name, provider: 'native' as const };
  if (finding.found) {
    return { ...base, from: finding.tool.path, version: finding.tool.version, state: 'ok' };
  }
  const { code, message, fix } = finding.problem;
  const row = { ...base, from: '–', version: `${tools[name].minimum} or newer` };
  // Package managers are needed only to install missing components.
  if (!installs) return { ...row, state: 'ok', detail: `${message}; not needed now` };
  return { ...row, state: code === 'tool-too-old' ? 'too-old' : 'missing', detail: message, fix };
}

async function javaRow(
  machine: Machine,
  examined: ReadonlyMap<string, Examined>,
  env: NodeJS.ProcessEnv,
): Promise<DoctorRow> {
  const base = { component: 'java', provider: 'native' as const };
  if (machine.java !== undefined) {
    return { ...base, from: machine.java.home, version: machine.java.version, state: 'ok' };
  }
  const { version, source, machine: wanted } = machine.manifest.packages.java;
  const wheel = examined.get('java');
  const row = {
    ...base,
    from: `PyPI wheel ${source.kind === 'wheel' ? source.package : ''}`,
    version,
  };
  const condition = conditionOf(wheel === undefined ? [] : [wheel]);
  const named = env['JAVA_HOME'] ? await describeJava(env['JAVA_HOME']) : undefined;
  if (condition.state === 'ok' || named === undefined) return { ...row, ...condition };
  const detail = `JAVA_HOME is ${named.version}; ${wanted?.minimum} or newer is needed`;
  return { ...row, ...condition, state: 'too-old', detail };
}

function notesOf(examined: ReadonlyMap<string, Examined>): readonly string[] {
  const caches = examined.get('boot-caches')?.state.state === 'ok';
  return [
    caches
      ? 'Boot caches: ready'
      : `Boot caches: not built yet; JVM servers take about twice as long to boot (fix: ${INSTALLS})`,
    'Containers: not supported yet',
    'MongoDB: provided by SecantusDB, which implements the wire protocol',
  ];
}
