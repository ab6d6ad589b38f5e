/**
 * Claims: REST shows a user their own orders and jobs only, and shows them as they are: a listed
 * order with what was ordered, a job in a state that it was in.
 *
 * Checks: the owner of each order and job in an answer is who asked; the lines and the total of a
 * listed order are those of its `OrderPlaced`; a job's state is the one that `job.updates` has
 * under the number that the answer names.
 *
 * Could be fooled: about jobs and orders of earlier runs, whose owner this history does not know.
 */
import type { HistoryEvent, KafkaRecord, OperationCompleted } from '../history/event.ts';
import { fingerprint } from './fingerprint.ts';
import type { Checker, Finding, Invariant } from './invariant.ts';
import { JOB_STATES } from './job-updates.ts';
import { contentOf } from './records.ts';
import type { JobFacts, OrderFacts, Scope } from './scope.ts';
import { Findings } from './violations.ts';

export const restIsolation: Invariant = {
  name: 'rest-isolation',
  promise: 'REST shows a user their own orders and jobs only, and shows them as they are.',
  needs: ['client', 'kafka'],
  reads: ['ok', 'kafka'],
  start: (scope) => new RestIsolation(scope),
};

/** What an answer showed of an order or a job. */
interface Shown {
  readonly userId: string;
  readonly at: number;
  readonly order: OrderFacts | undefined;
  readonly job: JobFacts | undefined;
  /** Of a listed order: its lines and total. */
  readonly content?: number;
  /** Of a job. */
  readonly state?: string;
  readonly sequence?: number;
}

interface Ordered {
  readonly content: number;
  readonly at: number;
}

class RestIsolation implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** Answers about what is shown to somebody, each judged when all is known. */
  readonly #shown: Shown[] = [];
  readonly #ordered: Ordered[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ok') this.#answer(event);
    else if (event.type === 'kafka' && !this.#scope.republished) this.#record(event);
  }

  #record(record: KafkaRecord): void {
    const { order } = this.#scope;
    const placed = contentOf(record, 'order.events')?.payload;
    if (placed?.type !== 'OrderPlaced' || order === undefined) return;
    this.#ordered[order.number] ??= { content: contentOfOrder(placed), at: record.index };
  }

  #answer({ name, index: at, response }: OperationCompleted): void {
    const userId = this.#scope.invoked?.userId;
    if (userId === undefined) return;
    const body = (response ?? {}) as Readonly<Record<string, unknown>>;
    const orderOf = (id: unknown) => this.#scope.orderOf(String(id));
    if (name === 'get-order') {
      this.#shown.push({ userId, at, order: orderOf(body['orderId']), job: undefined });
    } else if (name === 'get-job') {
      const { state, sequence } = body as { state?: string; sequence?: number };
      const job = this.#scope.jobOf(String(body['jobId']));
      const said = JOB_STATES.find((known) => known === state);
      this.#shown.push({
        ...{ userId, at, order: undefined, job },
        ...(said === undefined || sequence === undefined ? {} : { state: said, sequence }),
      });
    } else if (name === 'list-orders' && Array.isArray(body['orders'])) {
      for (const listed of body['orders'] as Listed[]) {
        const content = contentOfOrder(listed);
        this.#shown.push({ userId, at, order: orderOf(listed.orderId), job: undefined, content });
      }
    }
  }

  finish(): Finding {
    for (const shown of this.#shown) {
      const { order, job } = shown;
      if (order === undefined && job === undefined) continue;
      this.#findings.look();
      this.#owner(shown, (order ?? job)?.userId);
      if (order !== undefined) this.#content(shown, order);
      if (job !== undefined) this.#state(shown, job);
    }
    return this.#findings.finding();
  }

  #owner({ userId, at, order, job }: Shown, owner: string | undefined): void {
    if (owner === undefined || owner === userId) return;
    const what = order === undefined ? `job ${job?.id}` : `order ${order.id}`;
    const placedAt = order === undefined ? (job?.ownerAt ?? -1) : order.placedAt;
    this.#findings.violate(() => `${userId} was shown ${what}, which is ${owner}'s.`, placedAt, at);
  }

  #content({ at, content }: Shown, order: OrderFacts): void {
    const ordered = this.#ordered[order.number];
    if (content === undefined || ordered === undefined || ordered.content === content) return;
    this.#findings.violate(
      () =>
        `Order ${order.id} is listed with other lines or another total than it was placed with.`,
      ordered.at,
      at,
    );
  }

  #state({ at, state, sequence = 0 }: Shown, job: JobFacts): void {
    if (state === undefined) return;
    const due = sequence === 0 ? 0 : this.#scope.updates.of(job)?.bySequence.get(sequence)?.state;
    if (due === undefined || due < 0 || JOB_STATES[due] === state) return;
    this.#findings.violate(
      () =>
        `GET of job ${job.id} says ${state} after update ${sequence}; job.updates says ` +
        `${JOB_STATES[due]}.`,
      at,
    );
  }
}

interface Listed {
  readonly orderId?: unknown;
  readonly lines?: ReadonlyArray<{
    readonly sku?: unknown;
    readonly quantity?: unknown;
    readonly unitPrice?: { readonly minorUnits?: unknown };
  }>;
  readonly total?: { readonly minorUnits?: unknown };
}

/** The same for the same lines, in whatever order they come. */
function contentOfOrder({ lines = [], total }: Listed): number {
  const prints = lines.map(({ sku, quantity, unitPrice }) =>
    fingerprint([sku, quantity, unitPrice?.minorUnits]),
  );
  return fingerprint([prints.sort((a, b) => a - b), total?.minorUnits]);
}
