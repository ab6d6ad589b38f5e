import { v7 as uuidv7 } from 'uuid';
import { NoAnswer, RestClient, type RestResponse } from '../../harness/clients/rest.ts';
import type { LoadShard } from '../../harness/history/load-shard.ts';
import { nowMs } from '../../harness/history/shard.ts';
import { orderBody } from '../../harness/scenario/user.ts';
import type { Customer, SocketWork } from './messages.ts';
import type { WorkerPort } from './worker-port.ts';

/** Places orders when they are due, and follows each to its final update. */
export class Orders {
  readonly #rest: RestClient;
  readonly #body: Readonly<Record<string, unknown>>;
  readonly #port: WorkerPort;
  /** By job: when its command was due, and whose it is. Until its final update has come. */
  readonly #open = new Map<string, { readonly dueMs: number; readonly user: number }>();
  /** Jobs whose final update came before the answer to their command, and when. */
  readonly #early = new Map<string, number>();
  readonly #owners = new Map<string, number>();
  readonly #onAccepted: (user: number, jobId: string, sentMs: number) => void;
  readonly #answers = new Set<Promise<void>>();

  constructor(
    work: SocketWork,
    orders: NonNullable<SocketWork['orders']>,
    sinks: {
      readonly shard: LoadShard;
      readonly port: WorkerPort;
      readonly onAccepted: (user: number, jobId: string, sentMs: number) => void;
    },
  ) {
    const { gateway, sku, cardToken } = orders;
    // The place in the name: operations are unique in the run.
    this.#rest = new RestClient(gateway, `${work.scenario}-${work.place}`, sinks.shard);
    this.#body = orderBody({ lines: [{ sku, quantity: 1 }], cardToken });
    this.#port = sinks.port;
    this.#onAccepted = sinks.onAccepted;
  }

  /** Commands that were accepted and have no final update yet. */
  get unfinished(): number {
    return this.#open.size;
  }

  /** Jobs of a customer without a final update. */
  openOf(user: number): string[] {
    return [...this.#open].flatMap(([jobId, order]) => (order.user === user ? [jobId] : []));
  }

  /** Whose job it is; undefined while its answer is under way. */
  ownerOf(jobId: string): number | undefined {
    return this.#owners.get(jobId);
  }

  place(customer: Customer, dueMs: number): void {
    const answer = this.#place(customer, dueMs).finally(() => this.#answers.delete(answer));
    this.#answers.add(answer);
  }

  /** Resolves when every command has its answer. */
  async answered(): Promise<void> {
    await Promise.allSettled(this.#answers);
  }

  /** A socket of its customer has the final update. */
  finished(jobId: string): void {
    const atMs = nowMs();
    const order = this.#open.get(jobId);
    if (order !== undefined) this.#end(jobId, order.dueMs, atMs);
    else if (!this.#owners.has(jobId)) this.#early.set(jobId, atMs);
  }

  async #place({ token, userId, user }: Customer, dueMs: number): Promise<void> {
    this.#port.count('attempts');
    const sentMs = nowMs();
    const command = { name: 'place-order', method: 'POST', path: '/v1/orders' } as const;
    const about = { token, userId, idempotencyKey: uuidv7(), json: this.#body };
    let response: RestResponse;
    try {
      response = await this.#rest.send({ ...command, ...about });
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      this.#port.count('errors');
      return;
    }
    const { jobId } = response.body;
    if (response.status !== 202 || typeof jobId !== 'string') {
      this.#port.count('errors');
      return;
    }
    this.#port.count('accepted');
    this.#port.time('accept', nowMs() - dueMs);
    this.#owners.set(jobId, user);
    const early = this.#early.get(jobId);
    this.#early.delete(jobId);
    if (early !== undefined) {
      this.#end(jobId, dueMs, early);
      return;
    }
    this.#open.set(jobId, { dueMs, user });
    this.#onAccepted(user, jobId, sentMs);
  }

  #end(jobId: string, dueMs: number, atMs: number): void {
    this.#open.delete(jobId);
    this.#port.count('finished');
    this.#port.time('saga', atMs - dueMs);
  }
}
