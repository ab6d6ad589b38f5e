import type {
  Accepted,
  Job,
  JobKind,
  Order,
  OrderSummary,
  Page,
  PageRequest,
  Part,
  Payment,
  PlaceOrder,
  Principal,
  Shipment,
  Stock,
} from './domain.ts';

/*
 * What the gateway needs from outside. Every call has a deadline and rejects with an error whose
 * `code` is in the registry: a refusal by its own code; `unavailable` when the call certainly had
 * no effect; `outcome-unknown` when it may have had one.
 */

/** Tells who a bearer token speaks for. */
export interface Authenticator {
  authenticate(accessToken: string): Promise<Principal>;
}

interface JobRequest {
  readonly userId: string;
  readonly kind: JobKind;
  readonly idempotencyKey: string;
  readonly requestHash: string;
  readonly orderId: string;
}

interface IssuedJob {
  readonly job: Job;
  /** True when the key had this job already. */
  readonly replayed: boolean;
}

/** Issues jobs and answers for them. */
export interface Jobs {
  issue(request: JobRequest): Promise<IssuedJob>;
  /** Takes back a job that has not started. */
  withdraw(jobId: string, userId: string): Promise<void>;
  get(jobId: string, userId: string): Promise<Job>;
  list(userId: string, page: PageRequest): Promise<Page<Job>>;
}

interface OrderCommand {
  readonly jobId: string;
  readonly orderId: string;
  readonly principal: Principal;
}

/** Takes commands and answers for orders. */
export interface Orders {
  place(
    command: OrderCommand & { readonly requestHash: string; readonly order: PlaceOrder },
  ): Promise<Accepted>;
  cancel(command: OrderCommand): Promise<Accepted>;
  get(orderId: string, userId: string): Promise<Order>;
}

/** Parts of a composition. They never reject: a part that cannot be had says so. */
export interface OrderParts {
  payment(orderId: string): Promise<Part<Payment>>;
  shipment(orderId: string): Promise<Part<Shipment>>;
}

/** Answers for what is on the shelf. */
export interface Warehouse {
  stock(sku: string): Promise<Stock>;
}

/** The read model. */
export interface OrderHistory {
  ordersOf(userId: string, page: PageRequest): Promise<Page<OrderSummary>>;
}
