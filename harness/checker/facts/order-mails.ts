/** What is published and mailed about one order, and whether both say the same. */

import type { TopicValues } from '#avro/types.generated.ts';
import { REASONS } from '#contracts/spec/errors/registry.ts';
import type { EventOf } from '../../history/event-schema.ts';
import { Findings } from '../findings.ts';
import type { OrderFacts } from '../scope.ts';
import { amountsOf, mentions, plainText } from './mail-texts.ts';
import { OUTCOME_TYPES } from './sagas.ts';

/** What is still needed of a mail whose text is known to be right. */
export type Mail = Pick<EventOf<'mail'>, 'index' | 'to' | 'text'>;

type OutcomePayload = Extract<
  TopicValues['order.events']['payload'],
  { readonly contactEmail: string }
>;

/** An outcome event that is to be mailed. */
export interface Outcome {
  readonly type: string;
  readonly email: string;
  /** Texts of which a mail must have one of each group. */
  readonly facts: ReadonlyArray<readonly string[]>;
  readonly at: number;
  readonly ms: number;
}

/** What was published and mailed about one order. */
export interface Correspondence {
  outcomes: Outcome[];
  /** The first mail of each Message-ID. */
  mails: Mail[];
  /** How many of both, from the first, were compared and are right. */
  right: number;
}

const NONE: readonly never[] = [];

/**
 * Drops the texts of mails that agree with the outcomes so far: a long run has very many. Mails
 * are compared once there is one for each outcome, so each outcome with its own.
 */
export function forgetWhatIsRight(order: OrderFacts, about: Correspondence): void {
  const { outcomes, mails } = about;
  if (mails.length !== outcomes.length) return;
  const findings = new Findings();
  compareTheRest(findings, order, about);
  if (findings.finding().found > 0) return;
  about.right = mails.length;
  about.mails = mails.map(({ index }) => ({ index, to: NONE, text: '' }));
  about.outcomes = outcomes.map((outcome) => ({ ...outcome, facts: NONE }));
}

/** Compares the outcomes and mails of an order that were not compared yet. */
export function compareTheRest(findings: Findings, order: OrderFacts, about: Correspondence): void {
  const outcomes = about.outcomes.slice(about.right);
  const mails = about.mails.slice(about.right);
  for (const mail of mails) checkRecipients(findings, order, about.outcomes, mail);
  if (mails.length !== outcomes.length) return;
  for (const outcome of outcomes) checkContent(findings, order, outcome, mails);
}

/** Notes a mail that went to another address than its customer's. */
function checkRecipients(
  findings: Findings,
  order: OrderFacts,
  outcomes: readonly Outcome[],
  mail: Mail,
): void {
  const [to] = mail.to;
  if (mail.to.length === 1 && outcomes.some(({ email }) => email === to)) return;
  const [outcome] = outcomes;
  if (outcome === undefined) return;
  findings.violate(
    () =>
      `A mail about order ${order.id} went to ${mail.to.join(', ')}; its customer is ` +
      `${outcome.email}.`,
    outcome.at,
    mail.index,
  );
}

/** Notes an outcome that was not mailed to its customer, or whose mail says something else. */
function checkContent(
  findings: Findings,
  order: OrderFacts,
  outcome: Outcome,
  mails: readonly Mail[],
): void {
  const mailed = mails.filter(({ to }) => to.includes(outcome.email));
  if (mailed.length === 0) {
    findings.violate(
      () => `${outcome.type} of order ${order.id} was not mailed to ${outcome.email}.`,
      outcome.at,
      ...mails.map(({ index }) => index),
    );
    return;
  }
  const texts = mailed.map(({ text }) => plainText(text.replaceAll(order.id, '')));
  const isSaid = outcome.facts.every((words) =>
    texts.some((text) => words.some((word) => mentions(text, word))),
  );
  if (isSaid) return;
  findings.violate(
    () =>
      `The mail about ${outcome.type} of order ${order.id} does not say ` +
      `${outcome.facts.map(([first]) => first).join(' and ')}: ${mailed.at(-1)?.text.trim()}`,
    outcome.at,
    ...mailed.map(({ index }) => index),
  );
}

/** Whether an event of an order is an outcome that is mailed. */
export const isOutcome = (payload: { readonly type: string }): payload is OutcomePayload =>
  OUTCOME_TYPES.includes(payload.type);

/** What a mail about an outcome has to say, as groups of texts of which one is enough. */
export function factsOf(payload: OutcomePayload): string[][] {
  if ('total' in payload) {
    const { currency, minorUnits } = payload.total;
    return [amountsOf(currency, minorUnits)];
  }
  if ('reason' in payload && Object.hasOwn(REASONS, payload.reason)) {
    return [[plainText(REASONS[payload.reason as keyof typeof REASONS])]];
  }
  return [];
}
