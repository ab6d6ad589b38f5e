import { askOwnServer } from '../../harness/clients/own-server.ts';
import type { Frame } from '../../harness/clients/socket.ts';
import { until } from '../../harness/kernel/poll.ts';
import type { World } from '../../harness/scenario/world.ts';
import type { Customer } from './customer.ts';
import type { Findings } from './findings.ts';
import { checkHistory, checkJobs } from './histories.ts';
import type { Ledger } from './ledger.ts';
import { checkOrder, type SeenOrder } from './orders.ts';
import { flawsOf, seenAt, taleOf } from './tale.ts';

/** Compares everything that the system shows a customer with what happened. */
export async function reconcile(customer: Customer): Promise<void> {
  const seen = new Map<string, SeenOrder>();
  for (const order of customer.orders) {
    seen.set(order.orderId, await checkOrder(customer, order));
  }
  const numbers = [...seen.values()].flatMap(({ shipment }) => shipment?.trackingNumber ?? []);
  customer.findings.equal('tracking numbers', new Set(numbers).size, numbers.length);
  await checkJobs(customer);
  await checkHistory(customer, seen);
  await checkFrames(customer);
  await checkStock(customer);
}

/** REST shows the stock of the customer's own products as the model has it. */
async function checkStock({ user, goods, ledger, findings }: Customer): Promise<void> {
  for (const sku of goods.skus) {
    const { received = 0, held = 0, isShared } = ledger.stocks.get(sku) ?? {};
    if (isShared) continue;
    const { status, body } = await user.getStock(sku);
    const about = findings.about(`product ${sku}`);
    if (received === 0) about.equal('GET', [status, body['code']], [404, 'stock-not-found']);
    else about.equal('GET', body, { sku, received, reserved: held, available: received - held });
  }
}

/** Every socket has the updates of its level, all of them, in order, and no others. */
async function checkFrames(customer: Customer): Promise<void> {
  const { jobs, witness, watcher, follower, findings, plan } = customer;
  for (const job of jobs) {
    const { jobId } = job;
    await Promise.all([witness.terminal(jobId), watcher.terminal(jobId), follower.ended(jobId)]);
    const about = findings.about(`job ${jobId}`);
    const updates = witness.updates(jobId);
    for (const flaw of flawsOf(updates, taleOf(job.kind, job.reason))) about.add(flaw);
    about.equal('the reason of its last update', updates.at(-1)?.reason ?? undefined, job.reason);
    const foreign = updates.find(({ orderId }) => orderId !== job.orderId);
    if (foreign !== undefined) about.add(`an update is about order ${foreign['orderId']}`);
    const watched = watcher.updates(jobId);
    about.equal(`the frames at ${plan.watch.level}`, watched, seenAt(plan.watch.level, updates));
    const followed = follower.updates(jobId);
    about.equal(`the frames after a resume`, followed, seenAt(follower.level, updates));
  }
  const own = new Set(jobs.map(({ jobId }) => jobId));
  // A command whose effect is unknown may have issued a job that never started.
  const mayExpire = customer.hindered > 0;
  const isForeign = ({ jobId, type, kind }: Frame) =>
    jobId != null && !own.has(jobId) && !(mayExpire && (type === 'expired' || kind === 'EXPIRED'));
  for (const frame of [witness, watcher, follower].flatMap(({ frames }) => frames)) {
    if (isForeign(frame)) findings.add(`a socket got ${JSON.stringify(frame)}`);
  }
}

/** What is left of each product and card is what the approved orders have left. */
export async function checkLedger(world: World, ledger: Ledger, findings: Findings): Promise<void> {
  for (const [sku, { received, held }] of ledger.stocks) {
    const stock = await world.rpc.inventory.call('getStock', { sku });
    const about = findings.about(`product ${sku}`);
    if (received === 0) {
      about.equal('GetStock', stock.ok ? 'found' : stock.code, 'stock-not-found');
      continue;
    }
    const { received: all, reserved, available } = stock.ok ? (stock.message.stock ?? {}) : {};
    about.equal('stock', [all, reserved, available].map(Number), [received, held, received - held]);
  }
  for (const [cardToken, { kind, limit, currency, charged }] of ledger.cards) {
    if (kind === 'unregistered') continue;
    const found = await world.rpc.payment.call('getCard', { cardToken });
    const card = found.ok ? found.message.card : undefined;
    const amounts = [card?.creditLimit, card?.held, card?.captured];
    findings.about(`card ${cardToken}`).equal(
      'limit, held and captured',
      amounts.map((money) => [money?.currency, Number(money?.minorUnits)]),
      [limit, 0, charged].map((amount) => [currency, amount]),
    );
  }
}

interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
}

/** Each outcome has one mail, to its customer, and none speaks of another one's order. */
export async function checkMails(customers: readonly Customer[]): Promise<void> {
  const [first] = customers;
  if (first === undefined) return;
  const { book } = first.world;
  const read = async () => {
    const response = await askOwnServer(book.smtp.messagesUrl);
    return ((await response.json()) as { messages: readonly Mail[] }).messages;
  };
  const to = ({ user }: Customer, mails: readonly Mail[]) =>
    mails.filter((mail) => mail.to.includes(user.email));
  const countOf = (mails: readonly Mail[]) => new Set(mails.map(({ messageId }) => messageId)).size;
  const isDone = (mails: readonly Mail[]) =>
    customers.every((one) => countOf(to(one, mails)) >= one.jobs.length);
  await until('the mails of all outcomes', async () => isDone(await read())).catch(
    () => undefined, // What is missing is named below.
  );
  const mails = await read();
  const owners = new Map(
    customers.flatMap((one) => one.orders.map(({ orderId }) => [orderId, one])),
  );
  for (const customer of customers) {
    const own = to(customer, mails);
    customer.findings.equal('the number of mails', countOf(own), customer.jobs.length);
    for (const { subject, text } of own) {
      const foreign = [...owners].find(
        ([orderId, owner]) => owner !== customer && `${subject} ${text}`.includes(orderId),
      );
      if (foreign !== undefined) customer.findings.add(`a mail is about order ${foreign[0]}`);
    }
  }
}
