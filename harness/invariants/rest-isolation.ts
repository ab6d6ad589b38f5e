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

import { fingerprint } from '../checker/columns/fingerprint.ts';
import type { RowOf } from '../checker/columns/row-layout.ts';
import { TableRows } from '../checker/columns/table-rows.ts';
import { JOB_STATES } from '../checker/facts/job-updates.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { type JobFacts, NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord, OperationCompleted } from '../history/event.ts';
import { contentOf } from '../history/records.ts';
import { REST_SERVICE, storeUsers } from '../kernel/system.ts';

export const restIsolation = defineInvariant({
  name: 'rest-isolation',
  promise: 'REST shows a user their own orders and jobs only, and shows them as they are.',
  domain: true,
  concerns: [REST_SERVICE, ...storeUsers('mongodb')],
  needs: ['client', 'kafka'],
  reads: ['ok', 'kafka'],
  diagnosis: {
    causes: [
      'the query is by id only, not by id and user',
      'a cache is keyed without the user',
      'a page token carries the filter of the user who got it, unchecked',
    ],
    look: 'the queries behind the route named, and the caches before them',
  },
  start: (scope) => new RestIsolation(scope),
});

/** What an answer showed, and in which event: the number of an order or of a job. */
const SHOWN = {
  at: 'number',
  order: 'number',
  job: 'number',
  /** Of a listed order: the fingerprint of its lines and total. */
  isListed: 'flag',
  content: 'number',
  /** Of a job: its state, `undefined` when it is unknown, after which update. */
  hasState: 'flag',
  state: JOB_STATES,
  sequence: 'number',
} as const;
type Shown = RowOf<typeof SHOWN>;

/** The state of a job that has no update yet. */
const FIRST_STATE = 'ISSUED';

class RestIsolation implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** Answers that show data of a user, checked at the end, and who asked. */
  readonly #shown = new TableRows(SHOWN);
  readonly #shownTo: string[] = [];
  /** By order number: the fingerprint of what was ordered. */
  readonly #ordered = new TableRows({ at: 'number', content: 'number' });

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
    if (this.#ordered.at(order.number, 'at') !== NEVER) return;
    this.#ordered.set(order.number, { at: record.index, content: contentOfOrder(placed) });
  }

  #answer({ name, index: at, response }: OperationCompleted): void {
    const userId = this.#scope.invoked?.userId;
    if (userId === undefined) return;
    const body = (response ?? {}) as Readonly<Record<string, unknown>>;
    const orderOf = (id: unknown) => this.#scope.orderOf(String(id))?.number;
    if (name === 'get-order') {
      this.#show(userId, { at, order: orderOf(body['orderId']) });
    } else if (name === 'get-job') {
      const { state, sequence } = body as { state?: string; sequence?: number };
      const job = this.#scope.jobOf(String(body['jobId']))?.number;
      const hasState = state !== undefined && sequence !== undefined;
      this.#show(userId, hasState ? { at, job, hasState, state, sequence } : { at, job });
    } else if (name === 'list-orders' && Array.isArray(body['orders'])) {
      for (const listed of body['orders'] as Listed[]) {
        const content = contentOfOrder(listed);
        this.#show(userId, { at, order: orderOf(listed.orderId), isListed: true, content });
      }
    }
  }

  #show(userId: string, { order = NEVER, job = NEVER, ...shown }: Showing): void {
    this.#shown.add({ order, job, ...shown });
    this.#shownTo.push(this.#scope.userOf(userId));
  }

  finish(): Finding {
    const { orders, jobs } = this.#scope;
    for (const [row, userId] of this.#shownTo.entries()) {
      const shown = this.#shown.get(row);
      const order = orders[shown.order];
      const job = jobs[shown.job];
      if (order === undefined && job === undefined) continue;
      this.#findings.look();
      const what = order === undefined ? `job ${job?.id}` : `order ${order.id}`;
      const knownAt = order === undefined ? (job?.ownerAt ?? NEVER) : order.placedAt;
      this.#owner(shown, userId, { what, knownAt, owner: (order ?? job)?.userId });
      if (order !== undefined) this.#content(shown, order);
      if (job !== undefined) this.#state(shown, job);
    }
    return this.#findings.finding();
  }

  /** What is shown belongs to the user who asked. */
  #owner({ at }: Shown, userId: string, { what, knownAt, owner }: Owned): void {
    if (owner === undefined || owner === userId) return;
    this.#findings.violate(() => `${userId} was shown ${what}, which is ${owner}'s.`, knownAt, at);
  }

  /** An order is listed with what was ordered. */
  #content({ at, isListed, content }: Shown, { id, number }: OrderFacts): void {
    const ordered = this.#ordered.get(number);
    if (!isListed || ordered.at === NEVER || ordered.content === content) return;
    this.#findings.violate(
      () => `Order ${id} is listed with other lines or another total than it was placed with.`,
      ordered.at,
      at,
    );
  }

  /** A job is shown in the state that its update left it in. */
  #state({ at, hasState, state, sequence }: Shown, job: JobFacts): void {
    if (!hasState) return;
    const update = this.#scope.updates.of(job)?.bySequence.get(sequence);
    if (sequence !== 0 && update === undefined) {
      // A job of an earlier run has updates that this history lacks.
      if (job.ackedAt === NEVER) return;
      this.#findings.violate(
        () => `GET of job ${job.id} names update ${sequence}, which job.updates lacks.`,
        at,
      );
      return;
    }
    const due = sequence === 0 ? FIRST_STATE : update?.state;
    if (due === undefined || due === state) return;
    this.#findings.violate(
      () =>
        `GET of job ${job.id} says ${state ?? 'an unknown state'} after update ${sequence}; ` +
        `job.updates says ${due}.`,
      at,
    );
  }
}

/** What an answer shows; the order or the job is absent when this history does not know it. */
type Showing = Partial<Omit<Shown, 'order' | 'job'>> & {
  readonly order?: number | undefined;
  readonly job?: number | undefined;
};

/** Something that is shown, whose it is, and the event that says so. */
interface Owned {
  readonly what: string;
  readonly knownAt: number;
  readonly owner: string | undefined;
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
