import { LoadShard } from '../../harness/history/load-shard.ts';
import { nowMs } from '../../harness/history/shard.ts';
import { Random } from '../../harness/kernel/random.ts';
import { levelsOf, ownerOf } from '../model/jobs.ts';
import { Schedule, stagesOf } from '../model/schedule.ts';
import { atArrivals } from './arrivals.ts';
import type { Customer, SocketWork, ToWorker } from './messages.ts';
import { Orders } from './orders.ts';
import { SocketClient } from './socket-client.ts';
import { WorkerPort } from './worker-port.ts';

/** For the closes of all sockets, and what the tier still sends meanwhile. */
const CLOSE_MS = 3_000;

/** The sockets of one thread, and the orders of their customers. */
class SocketThread {
  readonly #work: SocketWork;
  readonly #shard: LoadShard;
  readonly #port: WorkerPort;
  readonly #orders: Orders | undefined;
  readonly #clients: readonly SocketClient[];
  readonly #random: Random;
  readonly #stop = new AbortController();

  constructor(work: SocketWork) {
    this.#work = work;
    this.#shard = new LoadShard(work.runFolder);
    this.#port = new WorkerPort(() => ({
      openSockets: this.#clients.filter(({ isOpen }) => isOpen).length,
      readySockets: this.#clients.filter(({ isReady }) => isReady).length,
    }));
    this.#random = new Random(work.seed, `load of thread ${work.place}`);
    const onAccepted = (user: number, jobId: string, sentMs: number) => {
      for (const client of this.#clients) {
        if (client.user === user) client.accepted(jobId, sentMs);
      }
    };
    const sinks = { shard: this.#shard, port: this.#port, onAccepted };
    this.#orders = work.orders && new Orders(work, work.orders, sinks);
    this.#clients = this.#newClients();
  }

  async run(): Promise<void> {
    this.#port.on((message) => void this.#take(message));
    const { openedPerSecond } = this.#work.model.sockets;
    const seconds = this.#clients.length / (openedPerSecond / this.#work.places);
    const rate = openedPerSecond / this.#work.places;
    // Rounded up: the last socket is an arrival of its own.
    const ramp = new Schedule([{ perSecond: rate, seconds: seconds + 1 / rate }]);
    await atArrivals(
      ramp,
      nowMs(),
      (n, dueMs) => this.#clients[n]?.open(dueMs),
      new AbortController().signal,
    );
  }

  async #take(message: ToWorker): Promise<void> {
    switch (message.what) {
      case 'start':
        await Promise.all([this.#placeOrders(message.atMs), this.#churn(message.atMs)]);
        await this.#orders?.answered();
        this.#port.flush();
        this.#port.send({ what: 'stopped' });
        break;
      case 'stop':
        this.#stop.abort();
        break;
      case 'read':
        for (const client of this.#clients) if (client.isSlow) client.read();
        break;
      case 'finish':
        this.#finish(message.published);
        break;
    }
  }

  #newClients(): SocketClient[] {
    const { customers, model } = this.#work;
    const { perUser, levels, slowShare } = model.sockets;
    const all = customers.flatMap((customer) => Array(perUser).fill(customer) as Customer[]);
    const level = levelsOf(levels, all.length);
    return all.map((customer, number) => {
      const isSlow = isPicked(number, slowShare);
      return new SocketClient({
        ...{ work: this.#work, customer, number, isSlow },
        level: level[number] ?? 'detail',
        ...{ port: this.#port, shard: this.#shard },
        random: () => fractionOf(this.#random),
        isOwn: (user, jobId) => this.#isOwn(user, jobId),
        onFinal: (jobId) => this.#orders?.finished(jobId),
        openJobs: (user) => this.#orders?.openOf(user) ?? [],
      });
    });
  }

  #isOwn(user: number, jobId: string): boolean | undefined {
    const owner = ownerOf(this.#work.runTag, jobId) ?? this.#orders?.ownerOf(jobId);
    return owner === undefined ? undefined : owner === user;
  }

  #placeOrders(startMs: number): Promise<void> {
    const { model, places, place, customers } = this.#work;
    const { sagas } = model;
    if (sagas === undefined || this.#orders === undefined) return Promise.resolve();
    const schedule = new Schedule(stagesOf(sagas.perSecond / places, model));
    // Threads take turns: together they have the rate of the model.
    const offsetMs = (place * 1_000) / sagas.perSecond;
    return this.#at(schedule, startMs + offsetMs, (n, dueMs) => {
      this.#orders?.place(customers[n % customers.length] as Customer, dueMs);
    });
  }

  #churn(startMs: number): Promise<void> {
    const { model, places } = this.#work;
    const { churn, durationSeconds } = model;
    if (churn === undefined) return Promise.resolve();
    const perSecond = churn.perSecond / places;
    const schedule = new Schedule([{ perSecond, seconds: durationSeconds }]);
    const healthy = this.#clients.filter(({ isSlow }) => !isSlow);
    return this.#at(schedule, startMs, () => {
      const client = healthy[this.#random.integer(0, healthy.length - 1)];
      const how = fractionOf(this.#random) < churn.cutShare ? 'cut' : 'close';
      if (client?.isOpen) client.leave(how);
    });
  }

  #at(schedule: Schedule, startMs: number, act: (n: number, dueMs: number) => void) {
    const late = (lateMs: number) => this.#port.time('late', lateMs);
    return atArrivals(
      schedule,
      startMs,
      (n, dueMs, lateMs) => {
        late(lateMs);
        act(n, dueMs);
      },
      this.#stop.signal,
    );
  }

  #finish(published: readonly number[]): void {
    const { perUser, slowShare } = this.#work.model.sockets;
    const missing = this.#clients.filter((client, number) =>
      client.isMissing(published[Math.floor(number / perUser)] ?? 0),
    ).length;
    const backlogs = this.#clients.map(({ backlogBytes }) => backlogBytes);
    for (const client of this.#clients) client.end();
    setTimeout(() => {
      this.#shard.close();
      const unfinished = this.#orders?.unfinished ?? 0;
      const stalledBacklogBytesMax = Math.max(0, ...backlogs);
      const stalled = slowShare > 0 ? { stalledBacklogBytesMax } : {};
      this.#port.send({ what: 'finished', missing, unfinished, ...stalled });
      this.#port.close();
    }, CLOSE_MS);
  }
}

const FRACTIONS = 1_000_000;
const fractionOf = (random: Random): number => random.integer(0, FRACTIONS - 1) / FRACTIONS;

/** Whether the n-th of many is one of this share of them, spread evenly. */
const isPicked = (n: number, share: number): boolean =>
  Math.floor((n + 1) * share) > Math.floor(n * share);

/** Opens the sockets, and serves the run until it says `finish`. */
export const serveSockets = (work: SocketWork): Promise<void> => new SocketThread(work).run();
