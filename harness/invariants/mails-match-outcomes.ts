/**
 * Claims: each outcome of a saga is mailed once, to the address that the outcome names and to no
 * other; the mail names the order and says what happened: an approval the amount and its currency,
 * a rejection or refusal the reason.
 *
 * Checks: matches the outcome events on `order.events` with the mails that the mail server took, by
 * the order's id in subject, text or headers. Mails with one Message-ID are one mail; it may come
 * again when the notification service was disturbed while it sent, or when it waited in vain for
 * the mail server's answer. After a disturbance the service has the time of its longest wait
 * between two attempts.
 *
 * Could be fooled: by two outcomes of one order whose mails were swapped; by an amount that the
 * text names for another reason.
 */

import { DISTURBING_EVENTS, Disturbances } from '../checker/facts/disturbances.ts';
import {
  type Correspondence,
  compareTheRest,
  factsOf,
  forgetWhatIsRight,
  isOutcome,
  type Mail,
  type Outcome,
} from '../checker/facts/order-mails.ts';
import { Findings } from '../checker/findings.ts';
import { type DeadlineChecker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { OrderFacts, Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord } from '../history/event.ts';
import type { EventOf } from '../history/event-schema.ts';
import { contentOf } from '../history/records.ts';
import { MAIL_SERVICES } from '../kernel/system.ts';

/** From an outcome to its mail while nothing is disturbed, on a loaded machine. */
const UNDISTURBED_MS = 20_000;
/** The longest wait between two attempts is 30 s; an attempt takes 10 s at most. */
const DEADLINE_MS = 45_000;
/** No attempt is given up, and so repeated, before. */
const ATTEMPT_MS_MIN = 2_000;
const SENDER = 'notification';

export const mailsMatchOutcomes = defineInvariant({
  name: 'mails-match-outcomes',
  promise: 'Each outcome of a saga is mailed once, to its customer, and says what happened.',
  domain: true,
  concerns: MAIL_SERVICES,
  needs: ['kafka', 'mail'],
  reads: ['kafka', 'mail', ...DISTURBING_EVENTS],
  deadlineMs: DEADLINE_MS,
  diagnosis: {
    causes: [
      'the mail is sent before its outcome is stored, or is sent again after a restart',
      'an SMTP error is treated as success',
      'the template takes its recipient or amount from another order: shared state between ' +
        'messages',
    ],
    look: 'the sender: its attempts, its store, its templates',
  },
  start: (scope) => new MailsMatchOutcomes(scope),
});

type MailReceived = EventOf<'mail'>;

/** What decides whether a mail may come again. */
interface FirstMail {
  readonly index: number;
  readonly receivedMs: number;
  readonly sentMs: number;
}

class MailsMatchOutcomes implements DeadlineChecker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #disturbances = new Disturbances();
  /** By order number. */
  readonly #orders = new Map<number, Correspondence>();
  /** Orders with fewer mails than outcomes: few at any time. */
  readonly #waiting = new Set<number>();
  readonly #byMessageId = new Map<string, FirstMail>();
  /** Mails that name no order that was known when they came. */
  readonly #unmatched: MailReceived[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'kafka') this.#published(event);
    else if (event.type === 'mail') this.#mailed(event);
    else this.#disturbances.observe(event);
  }

  #published(record: KafkaRecord): void {
    const { order, republished } = this.#scope;
    const payload = contentOf(record, 'order.events')?.payload;
    if (payload === undefined || order === undefined || republished) return;
    if (!isOutcome(payload) || payload.contactEmail === '') return;
    const about = this.#of(order);
    about.outcomes.push({
      type: payload.type,
      email: payload.contactEmail,
      facts: factsOf(payload),
      at: record.index,
      ms: record.timestampMs,
    });
    this.#note(order.number, about);
  }

  #mailed(mail: MailReceived): void {
    const first = this.#byMessageId.get(mail.messageId);
    if (first !== undefined && mail.messageId !== '') this.#repeated(first, mail);
    else this.#byMessageId.set(mail.messageId, firstOf(mail));
    if (first !== undefined) return;
    const order = orderNamedIn(this.#scope, mail);
    if (order === undefined) {
      this.#unmatched.push(mail);
      return;
    }
    const about = this.#of(order);
    about.mails.push(mailOf(mail));
    this.#note(order.number, about);
    forgetWhatIsRight(order, about);
  }

  /** Sending is at least once: an attempt whose answer did not come is repeated. */
  #repeated(first: FirstMail, again: MailReceived): void {
    if (this.#disturbances.endedMs(SENDER) >= first.receivedMs) return;
    // By the sender's clock: a mail server that had to wait itself takes both at the same time.
    if (!(sentMs(again) - first.sentMs < ATTEMPT_MS_MIN)) return;
    this.#findings.violate(
      () => `The mail ${again.messageId} to ${again.to.join()} came again, without a cause.`,
      first.index,
      again.index,
    );
  }

  #of(order: OrderFacts): Correspondence {
    let about = this.#orders.get(order.number);
    if (about === undefined) {
      about = { outcomes: [], mails: [], right: 0 };
      this.#orders.set(order.number, about);
    }
    return about;
  }

  #note(orderNumber: number, { outcomes, mails }: Correspondence): void {
    if (mails.length < outcomes.length) this.#waiting.add(orderNumber);
    else this.#waiting.delete(orderNumber);
  }

  /** Until when a mail about this outcome is in time. */
  #dueMs({ ms }: Outcome): number {
    const endedMs = this.#disturbances.endedMs(SENDER);
    return endedMs < ms ? ms + UNDISTURBED_MS : Math.min(endedMs, Number.MAX_VALUE) + DEADLINE_MS;
  }

  *pending(nowMs: number): Generator<string, void, undefined> {
    for (const number of this.#waiting) {
      const order = this.#scope.orders[number];
      const outcome = this.#orders.get(number)?.outcomes.at(-1);
      if (order === undefined || outcome === undefined || !this.#scope.ours(order)) continue;
      if (nowMs < this.#dueMs(outcome)) yield `the mail about order ${order.id} is not due yet`;
    }
  }

  finish(): Finding {
    this.#matchTheRest();
    this.#findings.undecided(...this.pending(this.#scope.lastMs));
    for (const [number, about] of this.#orders) {
      const order = this.#scope.orders[number];
      if (order !== undefined && this.#scope.ours(order)) this.#compare(order, about);
    }
    return this.#findings.finding();
  }

  /** Mails that came before their order was known, or that name none. */
  #matchTheRest(): void {
    const outcomes = [...this.#orders.values()].flatMap((about) => about.outcomes);
    const byEmail = new Map(outcomes.map((outcome) => [outcome.email, outcome]));
    for (const mail of this.#unmatched) {
      const order = orderNamedIn(this.#scope, mail);
      if (order !== undefined) this.#of(order).mails.push(mailOf(mail));
      const outcome = mail.to.map((to) => byEmail.get(to)).find((one) => one !== undefined);
      if (order !== undefined || outcome === undefined) continue;
      this.#findings.violate(
        () => `The mail ${mail.messageId} to ${outcome.email} names no order of this customer.`,
        outcome.at,
        mail.index,
      );
    }
  }

  #compare(order: OrderFacts, about: Correspondence): void {
    const { outcomes, mails } = about;
    const due = outcomes.filter((one) => this.#scope.lastMs >= this.#dueMs(one));
    this.#findings.look(outcomes.length);
    if (mails.length < due.length || mails.length > outcomes.length) {
      const shown = mails.length > outcomes.length ? mails : due;
      this.#findings.violate(
        () =>
          `Order ${order.id} had ${outcomes.length} outcomes to mail ` +
          `(${outcomes.map(({ type }) => type).join(', ')}), and ${mails.length} were mailed.`,
        ...shown.map((one) => ('at' in one ? one.at : one.index)),
      );
    }
    compareTheRest(this.#findings, order, about);
  }
}

/** The order whose id the mail has in its subject, text or headers. */
function orderNamedIn(scope: Scope, { subject, text, headers }: MailReceived) {
  for (const said of [subject, text, ...Object.values(headers)]) {
    for (const word of said.split(/[^\w-]+/)) {
      const order = scope.orderOf(word);
      if (order !== undefined) return order;
    }
  }
  return undefined;
}

const mailOf = ({ index, to, text }: MailReceived): Mail => ({ index, to, text });

const firstOf = (mail: MailReceived): FirstMail => ({
  index: mail.index,
  receivedMs: mail.receivedMs,
  sentMs: sentMs(mail),
});

/** When it was sent, by its Date header. */
const sentMs = ({ headers }: MailReceived): number => Date.parse(headers['date'] ?? '');
