import { type Infrastructure, SERVICES, type ServiceName } from '../../kernel/address-book.ts';
import type { States } from './state.ts';
import { gatewayStates } from './states/api-gateway-api.ts';
import { authTokenStates } from './states/auth-tokens.ts';
import { inventoryStockStates } from './states/inventory-stock.ts';
import { jobManagementJobStates } from './states/job-management-jobs.ts';
import { jobManagementUpdateStates } from './states/job-management-updates.ts';
import { orderOrderStates } from './states/order-orders.ts';
import { orderReplyStates } from './states/order-replies.ts';
import { outboxStates } from './states/outbox-table.ts';
import { paymentPaymentStates } from './states/payment-payments.ts';
import { queryHistoryStates } from './states/query-history.ts';
import { shippingShipmentStates } from './states/shipping-shipments.ts';
import { websocketConnectionStates } from './states/websocket-connections.ts';
import { websocketStates } from './states/websocket-sockets.ts';

/** What has to run to verify a provider, and how its provider states are set up. */
export interface ProviderDefinition {
  /** Its name in pacts. */
  readonly name: string;
  /** The service that requests go to; a piece of infrastructure is none. */
  readonly service?: ServiceName;
  readonly runs: readonly (ServiceName | Infrastructure)[];
  readonly states: States;
  /**
   * Either no neighbour may run, because the harness plays them all, or all have to run: the
   * provider gets a system of its own.
   */
  readonly apart: boolean;
}

/** A provider runs with its infrastructure only: the harness plays its neighbours. */
const alone = (service: ServiceName, ...states: readonly States[]): ProviderDefinition => ({
  name: service,
  service,
  runs: [service],
  states: Object.assign({}, ...states) as States,
  apart: false,
});

/** Every provider that has contracts. */
export const PROVIDERS: readonly ProviderDefinition[] = [
  alone('auth', authTokenStates),
  alone('job-management', jobManagementJobStates, jobManagementUpdateStates),
  alone('inventory', inventoryStockStates),
  alone('payment', paymentPaymentStates),
  alone('shipping', shippingShipmentStates),
  {
    name: 'outbox',
    runs: ['postgres', 'connect', 'kafka', 'registry'],
    states: outboxStates,
    apart: false,
  },
  { ...alone('order', orderOrderStates, orderReplyStates), apart: true },
  // It would wait for events that come between those which others' neighbours play.
  { ...alone('query', queryHistoryStates), apart: true },
  alone('websocket', websocketStates, websocketConnectionStates),
  // It composes what the others answer.
  { ...alone('api-gateway', gatewayStates), runs: SERVICES, apart: true },
];
