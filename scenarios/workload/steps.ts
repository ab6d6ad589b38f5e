import { v7 as uuidv7 } from 'uuid';
import { ShipmentStatus } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import type { RestResponse } from '../../harness/clients/rest.ts';
import type { Frame } from '../../harness/clients/socket.ts';
import type { Customer, Job, PlacedOrder } from './customer.ts';
import type { Findings } from './findings.ts';
import type { OrderPlan, Step } from './plan.ts';
import { changed, commandOf, inWords, type OrderCommand, wishOf } from './resolve.ts';
import { retried } from './retried.ts';

/** How often a command is sent that is repeated at once. */
const REPEATS = 3;

/** Does one step of the customer's plan, to its end. `others`: other customers, to trespass on. */
export async function take(customer: Customer, step: Step, others: readonly Customer[]) {
  switch (step.kind) {
    case 'order':
      return orderOne(customer, step.order);
    case 'burst':
      return orderMany(customer, step.orders);
    case 'receive':
      return receive(customer, step.product, step.quantity);
    case 'limit':
      return changeLimit(customer, step.card, step.limit);
    case 'trespass':
      return trespass(customer, others);
  }
}

async function orderOne(customer: Customer, plan: OrderPlan): Promise<void> {
  const { witness, follower } = customer;
  const order = await place(customer, plan, commandOf(plan, customer.goods, customer.ledger));
  if (order === undefined) return;
  const { jobId } = order.job;
  const { when, updates } = plan.cancel;
  if (plan.cutAfter !== null) await follower.cutAfter(jobId, plan.cutAfter);
  if (when === 'after-updates') {
    await witness.waitFor(
      `${updates} updates of job ${jobId}`,
      () => witness.updates(jobId).length >= updates || isOver(witness.updates(jobId)),
    );
  }
  const isEarly = when === 'at-once' || when === 'after-updates';
  const cancelling = isEarly ? requestCancellation(customer, order) : undefined;
  await settle(customer, [order]);
  await finishCancellation(customer, order, await cancelling);
  if (when === 'afterwards' || when === 'dispatched') await cancelLater(customer, plan, order);
  await dispatchAgain(customer, order);
  await repeat(customer, plan, order);
}

/** Orders that are sent at the same time; what they contend for decides between them. */
async function orderMany(customer: Customer, plans: readonly OrderPlan[]): Promise<void> {
  const { goods, ledger } = customer;
  const commands = plans.map((plan) => ({ plan, command: commandOf(plan, goods, ledger) }));
  const orders = await Promise.all(
    commands.map(({ plan, command }) => place(customer, plan, command)),
  );
  await settle(
    customer,
    orders.filter((order) => order !== undefined),
  );
}

/** Places an order, as often as the plan says; all answers must be the same. */
async function place(
  customer: Customer,
  plan: OrderPlan,
  command: OrderCommand,
): Promise<PlacedOrder | undefined> {
  const { user, findings, orders, jobs, follower } = customer;
  const key = `${uuidv7()}${plan.key}`;
  const before = orders.map(({ orderId }) => orderId);
  const times = plan.repeat === 'at-once' ? REPEATS : 1;
  const send = () => retried(customer, () => user.tryPlace({ ...command }, key));
  const answers = await Promise.all(Array.from({ length: times }, send));
  const [answer] = answers;
  const accepted = answer && acceptedBy(answer, findings, inWords(command));
  if (accepted === undefined) return undefined;
  for (const other of answers) {
    findings.equal('the answer to a repeat', idsOf(other.body), accepted);
  }
  const job: Job = { ...accepted, kind: 'PLACE_ORDER', reason: undefined };
  jobs.push(job);
  const order: PlacedOrder = {
    ...{ orderId: job.orderId, command, key, job, before },
    ...{ outcome: '', isCancelled: false, isDispatched: false, cancellationRefused: undefined },
  };
  orders.push(order);
  const [found] = await Promise.all([user.getOrder(job.orderId), follower.follow(job.jobId)]);
  aboutOrder(findings, order).equal('GET of an accepted order', found.status, 200);
  return order;
}

const aboutOrder = (findings: Findings, { orderId, command }: PlacedOrder): Findings =>
  findings.about(`order ${orderId} (${inWords(command)})`);

function acceptedBy(
  response: RestResponse,
  findings: Findings,
  what: string,
): { jobId: string; orderId: string } | undefined {
  const { jobId, orderId } = response.body;
  if (response.status !== 202 || typeof jobId !== 'string' || typeof orderId !== 'string') {
    findings.add(`${what} was answered ${response.status} ${JSON.stringify(response.body)}`);
    return undefined;
  }
  findings.equal('Location', response.headers.get('location'), `/v1/jobs/${jobId}`);
  return { jobId, orderId };
}

const isLast = ({ kind }: Frame): boolean => kind === 'SUCCEEDED' || kind === 'FAILED';
const isOver = (updates: readonly Frame[]): boolean => updates.some(isLast);

async function reasonOf({ witness }: Customer, jobId: string): Promise<string | undefined> {
  const { kind, reason } = await witness.terminal(jobId);
  return kind === 'SUCCEEDED' ? undefined : String(reason);
}

/** Waits for the outcomes of orders that ran side by side, and asks the model about them. */
async function settle(customer: Customer, orders: readonly PlacedOrder[]): Promise<void> {
  const { ledger, findings } = customer;
  for (const order of orders) {
    order.job.reason = await reasonOf(customer, order.job.jobId);
    order.outcome = order.job.reason ?? 'approved';
  }
  const ended = orders.map((order) => ({
    order,
    wish: wishOf(order.command),
    outcome: order.outcome,
  }));
  for (const one of ended) {
    const concurrent = ended.filter((other) => other !== one);
    const objection = ledger.objection(one.wish, one.outcome, concurrent);
    if (objection !== undefined) {
      aboutOrder(findings, one.order).add(`it ended as ${one.outcome}, but ${objection}`);
    }
  }
  for (const { wish, outcome } of ended) ledger.settle(wish, outcome);
}

interface Cancellation {
  readonly key: string;
  readonly response: RestResponse;
  readonly job: Job | undefined;
}

async function requestCancellation(
  customer: Customer,
  { orderId }: PlacedOrder,
  key = uuidv7(),
): Promise<Cancellation> {
  const { user, jobs, follower } = customer;
  const response = await retried(customer, () => user.tryCancelOrder(orderId, key));
  const { jobId } = response.body;
  if (response.status !== 202 || typeof jobId !== 'string') {
    return { key, response, job: undefined };
  }
  const job: Job = { jobId, kind: 'CANCEL_ORDER', orderId, reason: undefined };
  jobs.push(job);
  await follower.follow(jobId);
  return { key, response, job };
}

/** The end of a cancellation that was sent while the order may have been running. */
async function finishCancellation(
  customer: Customer,
  order: PlacedOrder,
  cancellation: Cancellation | undefined,
): Promise<void> {
  if (cancellation === undefined) return;
  const findings = aboutOrder(customer.findings, order);
  const { job, response, key } = cancellation;
  if (job === undefined) {
    const { status, body } = response;
    findings.equal('a refused cancellation', [status, body['code']], NOT_CANCELLABLE);
    const isRight = order.outcome !== 'approved' || order.isCancelled;
    if (!isRight) findings.add('a cancellation was refused although the order is approved');
    return;
  }
  job.reason = await reasonOf(customer, job.jobId);
  findings.equal('the end of a cancellation', job.reason, cancellationEnd(order));
  if (job.reason === undefined) {
    order.isCancelled = true;
    customer.ledger.settle(wishOf(order.command), order.outcome, -1);
  } else if (order.outcome === 'approved') order.cancellationRefused = job.reason;
  const again = await retried(customer, () => customer.user.tryCancelOrder(order.orderId, key));
  findings.equal('the repeat of a cancellation', idsOf(again.body), idsOf(response.body));
}

const NOT_CANCELLABLE = [409, 'order-not-cancellable'];

/** Why a cancellation fails; undefined when it succeeds. */
function cancellationEnd({ outcome, isDispatched }: PlacedOrder): string | undefined {
  if (outcome !== 'approved') return 'order-rejected';
  return isDispatched ? 'shipment-dispatched' : undefined;
}

/** Cancels an order that has ended, and then once more. */
async function cancelLater(customer: Customer, plan: OrderPlan, order: PlacedOrder): Promise<void> {
  if (plan.cancel.when === 'dispatched' && order.outcome === 'approved') {
    await customer.world.dispatch(order.orderId);
    order.isDispatched = true;
  }
  for (let time = 0; time < 2; time += 1) {
    const cancellation = await requestCancellation(customer, order);
    const isAccepted = order.outcome === 'approved' && !order.isCancelled;
    const { status } = cancellation.response;
    aboutOrder(customer.findings, order).equal('a cancellation', status, isAccepted ? 202 : 409);
    await finishCancellation(customer, order, cancellation);
  }
}

/** A parcel that was handed over stays so, and there is none of an order that is undone. */
async function dispatchAgain({ world, findings }: Customer, order: PlacedOrder): Promise<void> {
  if (!order.isDispatched && order.outcome === 'approved' && !order.isCancelled) return;
  const result = await world.rpc.shipping.call('dispatchShipment', { orderId: order.orderId });
  const seen = result.ok ? ShipmentStatus[result.message.shipment?.status ?? 0] : result.code;
  const due = order.isDispatched ? 'DISPATCHED' : 'shipment-not-scheduled';
  aboutOrder(findings, order).equal('DispatchShipment', seen, due);
}

/** Uses the key of an order again: with its body, with another one, and for another command. */
async function repeat(customer: Customer, plan: OrderPlan, order: PlacedOrder): Promise<void> {
  const { user } = customer;
  const findings = aboutOrder(customer.findings, order);
  const { command, key, job, orderId } = order;
  if (plan.repeat === 'afterwards') {
    const again = await retried(customer, () => user.tryPlace({ ...command }, key));
    findings.equal('a late repeat', [again.status, idsOf(again.body)], [202, idsOf(job)]);
  }
  const other = changed(command, plan.change);
  const reused = await retried(customer, () => user.tryPlace({ ...other }, key));
  const what = `the same key with ${JSON.stringify(other)}`;
  findings.equal(what, [reused.status, reused.body['code']], [422, 'idempotency-key-reused']);
  const cancel = await retried(customer, () => user.tryCancelOrder(orderId, key));
  findings.equal(
    'its key for a cancellation',
    [cancel.status, cancel.body['code']],
    [422, 'idempotency-key-reused'],
  );
}

const idsOf = ({ jobId, orderId }: { readonly jobId?: unknown; readonly orderId?: unknown }) => ({
  jobId,
  orderId,
});

/** Goods arrive; the same receipt twice counts once, and never with another quantity. */
async function receive(customer: Customer, product: number, quantity: number): Promise<void> {
  const { world, goods, ledger } = customer;
  const sku = goods.skus[product] ?? '';
  const findings = customer.findings.about(`receipt of ${quantity} × ${sku}`);
  const receipt = { receiptId: uuidv7(), sku, quantity };
  const send = (more: Partial<typeof receipt> = {}) =>
    world.rpc.inventory.call('receiveStock', { ...receipt, ...more });
  await world.prepared('receive-stock', receipt, send);
  ledger.addStock(sku, quantity);
  const [again, other] = [await send(), await send({ quantity: quantity + 1 })];
  const stock = again.ok ? again.message.stock : undefined;
  findings.equal('what was received in all', stock?.received, BigInt(received(customer, sku)));
  findings.equal(
    'another receipt with its id',
    other.ok ? 'accepted' : other.code,
    'idempotency-key-reused',
  );
}

const received = ({ ledger }: Customer, sku: string): number =>
  ledger.stocks.get(sku)?.received ?? 0;

async function changeLimit(customer: Customer, number: number, limit: number): Promise<void> {
  const { world, goods, ledger } = customer;
  const token = goods.cards[number] ?? '';
  const card = ledger.cards.get(token);
  if (card === undefined || card.kind === 'unregistered' || card.limit === limit) return;
  await world.registerCard(token, limit, card.currency);
  card.limit = limit;
}

/** Asks for an order of another customer: it must look as if it did not exist. */
async function trespass(customer: Customer, others: readonly Customer[]) {
  const { user, world, findings } = customer;
  const theirs = others.findLast(({ orders }) => orders.length > 0)?.orders.at(-1);
  if (theirs === undefined) return;
  const { orderId, job } = theirs;
  const [order, found, cancelled] = await Promise.all([
    user.getOrder(orderId),
    user.getJob(job.jobId),
    retried(customer, () => user.tryCancelOrder(orderId)),
  ]);
  const about = findings.about(`order ${orderId} of another customer`);
  const codeOf = ({ status, body }: RestResponse) => [status, body['code']];
  about.equal('GET', codeOf(order), [404, 'order-not-found']);
  about.equal('its cancellation', codeOf(cancelled), [404, 'order-not-found']);
  about.equal('GET of its job', codeOf(found), [404, 'job-not-found']);
  const rpc = await world.rpc.order.call('getOrder', { orderId, userId: user.userId });
  about.equal('GetOrder', rpc.ok ? 'found' : rpc.code, 'order-not-found');
}
