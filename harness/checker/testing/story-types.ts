/** The state of orders and jobs while a story is written. */
export type Outcome = 'approved' | 'out-of-stock' | 'card-declined' | 'address-undeliverable';

export interface OrderStory {
  readonly name: string;
  readonly orderId: string;
  readonly userId: string;
  readonly sku: string;
  readonly card: string;
  /** The reason of its rejection; empty unless it was rejected. */
  reason: string;
  status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'CANCELLED';
  job: JobStory;
  /** Number of the last record on order.events, and next revision of its stream. */
  sequence: number;
  revision: number;
  stock: 'none' | 'held' | 'undone';
  money: 'none' | 'held' | 'taken' | 'voided' | 'refunded';
  shipment: 'none' | 'scheduled' | 'cancelled';
}

export interface JobStory {
  readonly jobId: string;
  readonly traceId: string;
  readonly userId: string;
  readonly orderId: string;
  sequence: number;
  outcome: number;
  progress: number;
  state: string;
}

/** Every order of a story is the same: two pieces of one product. */
export const TOTAL = { currency: 'JPY', minorUnits: 2_000 };
export const QUANTITY = 2;
export const ADDRESS = {
  recipient: 'Aoi Tanaka',
  street: '1-2-3 Jingumae',
  city: 'Tokyo',
  postalCode: '150-0001',
  country: 'JP',
};
