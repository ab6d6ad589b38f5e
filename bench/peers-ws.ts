import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { mintToken } from '#harness/clients/own-server.ts';
import { newRunId } from '#harness/kernel/run-folder.ts';
import { bootStack, type Stack } from '#harness/testbed/stack.ts';
import type { Bench, BenchOptions, Findings } from './bench.ts';
import { treeMs } from './cpu.ts';
import { cpuByProcess } from './cpu-by-process.ts';
import { type Address, type Connected, connectAll } from './peers/ws-clients.ts';
import { type Updates, updatesTo } from './peers/ws-updates.ts';
import { median, millis, percentile } from './stats.ts';

/**
 * Claims: nothing; it compares the WebSocket tier with other servers that do a part of its work.
 * Checks: every server reads the same Avro records from the same Kafka and sends the same fields as
 * JSON; the servers take turns in each round, and CPU is that of the server processes only.
 * Could be fooled: by clients on the same cores, which delay what they measure.
 */
const USERS = 200;
const BURST_UPDATES = 4_000;
const SOCKETS_PER_USER = 10;
const FAN_OUT_USERS = 20;
const FAN_OUT_UPDATES = 1_000;
const PACED_PER_TICK = 25;
const PACED_TICK_MS = 100;
const PACED_TICKS = 40;
const TIMEOUT_MS = 120_000;
const SOCKET_IO = 'socket.io@4.8.1';
const PEER = fileURLToPath(new URL('./peers/ws-peer.ts', import.meta.url));

interface Server extends AsyncDisposable {
  /** An address for a user's sockets. */
  addressOf(user: number): Promise<{ readonly userId: string; readonly address: Address }>;
  /** CPU so far, in milliseconds. */
  cpuMs(): Promise<number>;
}

interface Contender {
  readonly name: string;
  readonly start: () => Promise<Server>;
}

interface Sample {
  readonly unicastPerCpuSecond: number;
  readonly fanOutPerCpuSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const peersWs: Bench = {
  name: 'peers-ws',
  summary:
    'the WebSocket tier compared with plain ws and Socket.IO: deliveries per CPU second, latency',
  round: 'turns of every server',
  rounds: 2,
  run: comparePeers,
};

async function comparePeers({ rounds, installation, signal, note }: BenchOptions) {
  await using stack = await bootStack({ installation, only: ['websocket'], fresh: true, signal });
  const { kafka, registry } = stack.addressBook;
  await using updates = await updatesTo(kafka.bootstrap, registry.url);
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-peers-'));
  try {
    const contenders: Contender[] = [
      { name: 'Sagaproof', start: async () => ownServer(stack) },
      { name: 'plain ws', start: () => peer('ws', kafka.bootstrap) },
      { name: 'ws, one frame for all', start: () => peer('ws-one-frame', kafka.bootstrap) },
    ];
    const socketIo = await install(folder, note);
    if (socketIo !== undefined) {
      const start = () => peer('socket.io', kafka.bootstrap, socketIo);
      contenders.push({ name: 'Socket.IO', start });
    }
    const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
    for (let round = 1; round <= rounds; round += 1) {
      for (const { name, start } of contenders) {
        signal.throwIfAborted();
        await using server = await start();
        samples.get(name)?.push(await measure(server, updates));
        note(`round ${round}: ${name}`);
      }
    }
    return describe(samples);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fetches Socket.IO for this run; undefined when the registry does not have it. */
async function install(folder: string, note: (text: string) => void): Promise<string | undefined> {
  const args = ['install', '--no-audit', '--no-fund', '--prefix', folder, SOCKET_IO];
  const { exitCode } = await execa('npm', args, { reject: false });
  if (exitCode === 0) return createRequire(join(folder, 'package.json')).resolve('socket.io');
  note(`${SOCKET_IO} could not be installed, and is left out`);
  return undefined;
}

function ownServer(stack: Stack): Server {
  const { oidc, services } = stack.addressBook;
  const instances = services['websocket']?.instances ?? [];
  return {
    async addressOf(number) {
      const userId = `${newRunId()}-${number}`;
      const token = await mintToken(oidc.mintUrl, { sub: userId, groups: ['customers'] });
      const instance = instances[number % instances.length];
      const address = {
        url: `ws://${instance?.host}:${instance?.ports['ws']}/v1/updates`,
        protocols: ['sagaproof.v1'],
        headers: { authorization: `Bearer ${token}` },
        hello: JSON.stringify({ type: 'subscribe', requestId: 'bench', level: 'detail' }),
        welcome: '{"type":"subscribed"',
      };
      return { userId, address };
    },
    async cpuMs() {
      const used = await cpuByProcess(stack);
      return instances.reduce((sum, { id }) => sum + (used.get(id) ?? 0), 0);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function peer(kind: string, brokers: string, module = ''): Promise<Server> {
  const child = spawn(process.execPath, [PEER, kind, brokers, module], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await portOf(child);
  const isSocketIo = kind === 'socket.io';
  const path = isSocketIo ? 'socket.io/?EIO=4&transport=websocket&user=' : '?user=';
  return {
    async addressOf(number) {
      const userId = `user-${number}`;
      const url = `ws://127.0.0.1:${port}/${path}${userId}`;
      // Socket.IO: connects to the default namespace, which answers with the same packet.
      return { userId, address: isSocketIo ? { url, hello: '40', welcome: '40' } : { url } };
    },
    cpuMs: async () => treeMs(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function portOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the server has no output');
  for await (const line of createInterface({ input: stdout })) return line;
  throw new Error('the server ended before it listened');
}

async function measure(server: Server, updates: Updates): Promise<Sample> {
  const single = await connect(server, USERS, 1);
  const unicast = await burst(server, updates, { ...single, updates: BURST_UPDATES, copies: 1 });
  single.connected.latenciesMs.length = 0;
  for (let tick = 0; tick < PACED_TICKS; tick += 1) {
    const start = tick * PACED_PER_TICK;
    await Promise.all([
      updates.publish(cycle(single.userIds, PACED_PER_TICK, start)),
      pause(PACED_TICK_MS),
    ]);
  }
  await single.connected.received(PACED_TICKS * PACED_PER_TICK, TIMEOUT_MS);
  const latenciesMs = [...single.connected.latenciesMs];
  single.connected.close();
  const many = await connect(server, FAN_OUT_USERS, SOCKETS_PER_USER);
  const fanOut = await burst(server, updates, {
    ...many,
    updates: FAN_OUT_UPDATES,
    copies: SOCKETS_PER_USER,
  });
  many.connected.close();
  return {
    unicastPerCpuSecond: unicast,
    fanOutPerCpuSecond: fanOut,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  };
}

interface Connection {
  readonly userIds: readonly string[];
  readonly connected: Connected;
}

async function connect(server: Server, users: number, sockets: number): Promise<Connection> {
  const numbers = Array.from({ length: users }, (_, number) => number);
  const found = await Promise.all(numbers.map((number) => server.addressOf(number)));
  const addresses = found.flatMap(({ address }) => Array.from({ length: sockets }, () => address));
  return { userIds: found.map(({ userId }) => userId), connected: await connectAll(addresses) };
}

/** Deliveries for each second of the server's CPU. */
async function burst(
  server: Server,
  updates: Updates,
  { userIds, connected, updates: count, copies }: Connection & { updates: number; copies: number },
): Promise<number> {
  const before = await server.cpuMs();
  await updates.publish(cycle(userIds, count, 0));
  await connected.received(count * copies, TIMEOUT_MS);
  const usedMs = (await server.cpuMs()) - before;
  return (count * copies) / (usedMs / 1_000);
}

const cycle = (userIds: readonly string[], count: number, start: number): string[] =>
  Array.from({ length: count }, (_, index) => userIds[(start + index) % userIds.length] ?? '');

function describe(samples: ReadonlyMap<string, readonly Sample[]>): Findings {
  const rows = [...samples].map(([name, all]) => {
    const of = (field: keyof Sample) => median(all.map((sample) => sample[field]));
    return { name, unicast: of('unicastPerCpuSecond'), fanOut: of('fanOutPerCpuSecond'), of };
  });
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  return {
    title: 'The WebSocket tier compared with other servers',
    method:
      `Every server reads the same Avro records from Kafka and sends the same fields as JSON; the ` +
      `servers take turns. Unicast: ${BURST_UPDATES} updates at once to ${USERS} users with a ` +
      `socket each. Fan-out: ${FAN_OUT_UPDATES} updates at once to ${FAN_OUT_USERS} users with ` +
      `${SOCKETS_PER_USER} sockets each. Paced: 250 updates a second, unicast. CPU is that of the ` +
      `server processes (Sagaproof: two nodes, without Redis, which only it needs).`,
    tables: [
      {
        head: [
          'server',
          'unicast, deliveries per CPU second',
          'fan-out, deliveries per CPU second',
          'paced p50',
          'paced p99',
        ],
        rows: rows.map(({ name, unicast, fanOut, of }) => [
          name,
          whole(unicast),
          whole(fanOut),
          millis(of('p50Ms')),
          millis(of('p99Ms')),
        ]),
      },
    ],
    remarks: [
      'Only Sagaproof checks a token, keeps a log that a client resumes from, numbers updates by ' +
        'level, commits offsets after the log has them, reports presence and exports traces. The ' +
        'others send what they read and forget it.',
    ],
    targets: [],
    figures: Object.fromEntries(
      rows.flatMap(({ name, unicast, fanOut, of }) => [
        [`${name}: unicastPerCpuSecond`, unicast],
        [`${name}: fanOutPerCpuSecond`, fanOut],
        [`${name}: p99Ms`, of('p99Ms')],
      ]),
    ),
  };
}
