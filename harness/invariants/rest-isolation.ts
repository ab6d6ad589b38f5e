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
import { NumberRows } from '../checker/columns/number-rows.ts';
import { JOB_STATES } from '../checker/facts/job-updates.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { type JobFacts, NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord, OperationCompleted } from '../history/event.ts';
import { contentOf } from '../history/records.ts';

export const restIsolation = defineInvariant({
  name: 'rest-isolation',
  promise: 'REST shows a user their own orders and jobs only, and shows them as they are.',
  domain: true,
  needs: ['client', 'kafka'],
  reads: ['ok', 'kafka'],
  start: (scope) => new RestIsolation(scope),
});

/**
 * Columns of what an answer showed: its event, numbers of the order and the job, or -1; of a listed
 * order, that it was listed and a print of its lines and total; of a job, the place of its state in
 * {@link JOB_STATES}, or -1, and after which update.
 */
const AT = 0;
const ORDER = 1;
const JOB = 2;
const IS_LISTED = 3;
const CONTENT = 4;
const STATE = 5;
const SEQUENCE = 6;
const COLUMNS = 7;

/** Stands for a state that is none of {@link JOB_STATES}. */
const UNKNOWN_STATE = JOB_STATES.length;

/** Columns of what was ordered. */
const ORDERED_AT = 0;
const ORDERED = 1;

class RestIsolation implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** Answers that show data of a user, checked at the end. */
  readonly #shown = new NumberRows(COLUMNS, NEVER);
  readonly #shownTo: string[] = [];
  /** By order number. */
  readonly #ordered = new NumberRows(2, NEVER);

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
    if (this.#ordered.at(order.number, ORDERED_AT) !== NEVER) return;
    this.#ordered.set(order.number, ORDERED_AT, record.index);
    this.#ordered.set(order.number, ORDERED, contentOfOrder(placed));
  }

  #answer({ name, index: at, response }: OperationCompleted): void {
    const userId = this.#scope.invoked?.userId;
    if (userId === undefined) return;
    const body = (response ?? {}) as Readonly<Record<string, unknown>>;
    const orderOf = (id: unknown) => this.#scope.orderOf(String(id));
    if (name === 'get-order') {
      this.#show(userId, at, orderOf(body['orderId']), undefined);
    } else if (name === 'get-job') {
      const { state, sequence } = body as { state?: string; sequence?: number };
      const row = this.#show(userId, at, undefined, this.#scope.jobOf(String(body['jobId'])));
      if (state === undefined || sequence === undefined) return;
      const said = JOB_STATES.indexOf(state);
      this.#shown.set(row, STATE, said < 0 ? UNKNOWN_STATE : said);
      this.#shown.set(row, SEQUENCE, sequence);
    } else if (name === 'list-orders' && Array.isArray(body['orders'])) {
      for (const listed of body['orders'] as Listed[]) {
        const row = this.#show(userId, at, orderOf(listed.orderId), undefined);
        this.#shown.set(row, IS_LISTED, 1);
        this.#shown.set(row, CONTENT, contentOfOrder(listed));
      }
    }
  }

  #show(
    userId: string,
    at: number,
    order: OrderFacts | undefined,
    job: JobFacts | undefined,
  ): number {
    const row = this.#shown.add();
    this.#shown.set(row, AT, at);
    if (order !== undefined) this.#shown.set(row, ORDER, order.number);
    if (job !== undefined) this.#shown.set(row, JOB, job.number);
    this.#shownTo.push(this.#scope.userOf(userId));
    return row;
  }

  finish(): Finding {
    const { orders, jobs } = this.#scope;
    for (const [row, userId] of this.#shownTo.entries()) {
      const order = orders[this.#shown.at(row, ORDER)];
      const job = jobs[this.#shown.at(row, JOB)];
      if (order === undefined && job === undefined) continue;
      this.#findings.look();
      const what = order === undefined ? `job ${job?.id}` : `order ${order.id}`;
      const knownAt = order === undefined ? (job?.ownerAt ?? NEVER) : order.placedAt;
      this.#owner(row, userId, { what, knownAt, owner: (order ?? job)?.userId });
      if (order !== undefined) this.#content(row, order);
      if (job !== undefined) this.#state(row, job);
    }
    return this.#findings.finding();
  }

  #owner(row: number, userId: string, { what, knownAt, owner }: Owned): void {
    if (owner === undefined || owner === userId) return;
    this.#findings.violate(
      () => `${userId} was shown ${what}, which is ${owner}'s.`,
      knownAt,
      this.#shown.at(row, AT),
    );
  }

  #content(row: number, { id, number }: OrderFacts): void {
    if (this.#shown.at(row, IS_LISTED) !== 1) return;
    const orderedAt = this.#ordered.at(number, ORDERED_AT);
    if (orderedAt === NEVER) return;
    if (this.#ordered.at(number, ORDERED) === this.#shown.at(row, CONTENT)) return;
    this.#findings.violate(
      () => `Order ${id} is listed with other lines or another total than it was placed with.`,
      orderedAt,
      this.#shown.at(row, AT),
    );
  }

  #state(row: number, job: JobFacts): void {
    const stated = this.#shown.at(row, STATE);
    if (stated === NEVER) return;
    const state = JOB_STATES[stated] ?? 'an unknown state';
    const sequence = this.#shown.at(row, SEQUENCE);
    const updates = this.#scope.updates.of(job);
    const due = sequence === 0 ? 0 : updates?.bySequence.get(sequence)?.state;
    if (due === undefined) {
      // A job of an earlier run has updates that this history lacks.
      if (job.ackedAt === NEVER) return;
      this.#findings.violate(
        () => `GET of job ${job.id} names update ${sequence}, which job.updates lacks.`,
        this.#shown.at(row, AT),
      );
    } else if (due >= 0 && due !== stated) {
      this.#findings.violate(
        () =>
          `GET of job ${job.id} says ${state} after update ${sequence}; job.updates says ` +
          `${JOB_STATES[due]}.`,
        this.#shown.at(row, AT),
      );
    }
  }
}

/** Something that is shown, whose it is, and the event that tells. */
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
