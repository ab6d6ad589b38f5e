/**
 * Tells a run that keeps every promise: users place and cancel orders, everything is published,
 * updated, delivered, notified and cleaned up. Tests edit it into runs that break one promise; the
 * benchmark tells it many times over.
 */
import type { HistoryBuilder } from './history-builder.ts';
import { tellAnswers } from './story-answers.ts';
import { StoryChannels } from './story-channels.ts';
import { tellEnd } from './story-end.ts';
import { emailOf, mailOf } from './story-mails.ts';
import { tellProbesBegin, tellProbesEnd } from './story-probes.ts';
import { CANCEL_STEPS, PLACE_STEPS, type Step } from './story-steps.ts';
import { type JobStory, type OrderStory, type Outcome, QUANTITY, TOTAL } from './story-types.ts';

export class Story {
  readonly tells: StoryChannels;
  readonly orders: OrderStory[] = [];
  readonly jobs: JobStory[] = [];

  constructor(identify: (name: string) => string = (name) => name) {
    this.tells = new StoryChannels(identify);
  }

  get to(): HistoryBuilder {
    return this.tells.to;
  }

  /** Begins the run; goods arrive, cards are registered, sockets open as orders come. */
  begin(options: Parameters<HistoryBuilder['run']>[0] = {}): this {
    this.to.run(options);
    this.to.add('scenario', { type: 'scenario-started', scenario: 'story' });
    tellProbesBegin(this.to);
    return this;
  }

  /** Ends the run: end states and closed sources. */
  end(): this {
    this.to.wait(3_000);
    tellEnd(this);
    tellProbesEnd(this.to);
    this.to.add('scenario.end', {
      type: 'scenario-ended',
      scenario: 'story',
      outcome: 'passed',
    });
    this.to.close();
    return this;
  }

  /** A user places an order and watches it at level detail until it ends. */
  place(name: string, outcome: Outcome = 'approved'): OrderStory {
    const order = this.#order(name);
    this.tells.seed(order);
    const { job } = order;
    const cause = this.tells.command(order, job, 'place-order', `${name}.place`, () =>
      this.tells.say(order, `${name}`, {
        type: 'OrderPlaced',
        lines: [{ sku: order.sku, quantity: QUANTITY, unitPrice: { ...TOTAL, minorUnits: 1_000 } }],
        total: TOTAL,
      }),
    );
    this.tells.socket(job, name);
    this.tells.update(order, name, 'STARTED', 'RUNNING', 'PROGRESS', cause);
    this.#saga(order, name, outcome);
    tellAnswers(this.to, order);
    this.tells.closeSocket(order, name);
    return order;
  }

  /** The user cancels the order; it is cancelled, or refused because the parcel is gone. */
  cancel(order: OrderStory, outcome: 'cancelled' | 'refused' = 'cancelled'): this {
    const tag = `${order.name}.cancel`;
    order.job = this.#job(order.orderId, order.userId, `${order.name}c`);
    const cause = this.tells.command(order, order.job, 'cancel-order', tag, () =>
      this.tells.say(order, tag, { type: 'OrderCancellationRequested' }),
    );
    this.tells.socket(order.job, tag);
    this.tells.update(order, tag, 'STARTED', 'RUNNING', 'PROGRESS', cause);
    if (outcome === 'refused') {
      this.#ask(order, tag, CANCEL_STEPS[0] as Step, {
        type: 'ShipmentCancellationRefused',
        reason: 'shipment-dispatched',
      });
      this.#ends(order, tag, 'OrderCancellationRefused', 'shipment-dispatched');
    } else {
      for (const step of CANCEL_STEPS) {
        this.#ask(order, tag, step, step.undone(order));
        this.#stepped(order, tag, 'CANCEL_ORDER', step);
        step.keep(order);
      }
      order.status = 'CANCELLED';
      this.#ends(order, tag, 'OrderCancelled', '');
    }
    this.tells.closeSocket(order, tag);
    return this;
  }

  #saga(order: OrderStory, tag: string, outcome: Outcome): void {
    const done: Step[] = [];
    for (const step of PLACE_STEPS) {
      if (step.refusal?.reason === outcome) {
        this.#ask(order, tag, step, step.refusal);
        this.#fails(order, tag, step, outcome, done);
        return;
      }
      this.#ask(order, tag, step, step.done(order));
      this.#stepped(order, tag, 'PLACE_ORDER', step);
      step.keep(order);
      done.push(step);
    }
    order.status = 'APPROVED';
    this.#ends(order, tag, 'OrderApproved', '');
  }

  #fails(order: OrderStory, tag: string, failed: Step, reason: string, done: Step[]): void {
    const saga = 'PLACE_ORDER';
    const { step } = failed;
    const cause = this.tells.say(order, tag, {
      type: 'SagaStepFailed',
      saga,
      step,
      reason,
      timedOut: false,
    });
    const about = { step, reason };
    this.tells.update(order, `${tag}.${step}`, 'STEP_FAILED', 'RUNNING', 'PROGRESS', cause, about);
    if (done.length > 0) {
      const began = this.tells.say(order, tag, { type: 'SagaCompensationStarted', saga, reason });
      this.tells.update(order, tag, 'COMPENSATING', 'COMPENSATING', 'DETAIL', began);
    }
    for (const step of done.toReversed()) {
      const undo = { ...step, command: step.undo, step: `undo-${step.step}` };
      this.#ask(order, tag, undo, step.undone(order));
      step.take(order);
      const at = `${tag}.undo-${step.step}`;
      const undone = this.tells.say(order, at, {
        type: 'SagaStepCompensated',
        saga,
        step: step.step,
        effective: true,
      });
      this.tells.update(order, at, 'STEP_COMPENSATED', 'COMPENSATING', 'DETAIL', undone, {
        step: step.step,
      });
    }
    order.status = 'REJECTED';
    order.reason = reason;
    this.#ends(order, tag, 'OrderRejected', reason);
  }

  #stepped(order: OrderStory, tag: string, saga: string, { step }: Step): void {
    const at = `${tag}.${step}`;
    const cause = this.tells.say(order, at, { type: 'SagaStepCompleted', saga, step });
    this.tells.update(order, at, 'STEP_COMPLETED', 'RUNNING', 'PROGRESS', cause, { step });
  }

  #ends(order: OrderStory, tag: string, type: string, reason: string): void {
    const succeeded = type === 'OrderApproved' || type === 'OrderCancelled';
    const cause = this.tells.say(order, tag, {
      type,
      contactEmail: emailOf(order),
      ...(type === 'OrderApproved' ? { total: TOTAL } : {}),
      ...(reason === '' ? {} : { reason }),
    });
    const kind = succeeded ? 'SUCCEEDED' : 'FAILED';
    this.tells.update(order, tag, kind, kind, 'OUTCOME', cause, {
      reason: reason === '' ? null : reason,
    });
    this.tells.kept.push({
      tag: `${tag}.notification`,
      event: {
        type: 'state',
        source: 'postgres',
        kind: 'notification',
        service: 'notification',
        key: this.tells.id(`n-${tag}`),
        value: { orderId: order.orderId, userId: order.userId, outcome: type },
      },
    });
    this.to.add(`${tag}.mail`, mailOf(order, type, this.tells.id(`n-${tag}`), this.to.nowMs));
  }

  /** The saga asks a participant, and the participant answers. */
  #ask(order: OrderStory, tag: string, step: Step, answer: Record<string, unknown>): void {
    const { job, orderId } = order;
    const { to, command } = step;
    const at = `${tag}.${step.step}`;
    const messageId = this.tells.stored(order, `${at}.stored.command`, command(order));
    this.to.record(
      `${at}.command`,
      `${to}.commands`,
      orderId,
      {
        messageId,
        jobId: job.jobId,
        orderId,
        causationId: this.tells.id(`cause-${at}`),
        occurredAt: this.to.nowMs,
        payload: command(order),
      },
      job.traceId,
    );
    const event = this.tells.participant(to, `${at}.event`, orderId, order, messageId, answer);
    this.tells.update(order, `${at}.domain`, 'DOMAIN_EVENT', job.state, 'DETAIL', event);
  }

  #order(name: string): OrderStory {
    const userId = `user-${name}`;
    const orderId = this.tells.id(`order-${name}`);
    const order: OrderStory = {
      name,
      orderId,
      userId,
      sku: `sku-${name}`,
      card: `card-${name}`,
      reason: '',
      status: 'PENDING',
      job: this.#job(orderId, userId, name),
      sequence: 0,
      revision: 0,
      stock: 'none',
      money: 'none',
      shipment: 'none',
    };
    this.orders.push(order);
    return order;
  }

  #job(orderId: string, userId: string, name: string): JobStory {
    const job: JobStory = {
      jobId: this.tells.id(`job-${name}`),
      traceId: traceIdFrom(name),
      userId,
      orderId,
      sequence: 0,
      outcome: 0,
      progress: 0,
      state: 'ISSUED',
    };
    this.jobs.push(job);
    return job;
  }
}

/** 32 hex digits that begin differently for each name. */
function traceIdFrom(name: string): string {
  const hex = [...name].map((character) => character.charCodeAt(0).toString(16)).join('');
  return `a${hex.length.toString(16).padStart(2, '0')}${hex}`.padEnd(32, '0').slice(0, 32);
}

/** The story that most tests edit: an approved, a rejected and a cancelled order. */
export function goodStory(identify?: (name: string) => string): Story {
  const story = new Story(identify).begin();
  story.place('a');
  story.place('r', 'address-undeliverable');
  story.cancel(story.place('c'));
  return story.end();
}
