/** Customers who place orders and wait for the terminal WebSocket frame. */
import type { Shard } from '#harness/history/shard.ts';
import type { World } from '#harness/scenario/world.ts';

/** A benchmark keeps no history. */
export const SILENT: Shard = { record: () => undefined, close: () => undefined };

const STOCK = 1_000_000;
/** A saga that takes longer has failed, and the benchmark with it. */
const SAGA_DEADLINE_MS = 30_000;

export interface Customer {
  /** From sending `POST /v1/orders` to the terminal WebSocket frame, in milliseconds. */
  completeSaga(): Promise<number>;
}

/**
 * A new user with a token, a product of their own, a card and a subscribed socket.
 *
 * @param onPart called with each part when it is ready
 */
export async function newCustomer(
  world: World,
  onPart: (part: string) => void = () => undefined,
): Promise<Customer> {
  const user = await world.user();
  onPart('user with a token');
  const sku = await world.sku(STOCK);
  onPart('product in stock');
  const cardToken = await world.card();
  onPart('registered card');
  const socket = await user.socket();
  await socket.subscribe({ level: 'outcome' });
  onPart('subscribed socket');
  return {
    async completeSaga() {
      const startedMs = performance.now();
      const { jobId } = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
      const { kind } = await socket.terminal(jobId, SAGA_DEADLINE_MS);
      const wallMs = performance.now() - startedMs;
      if (kind !== 'SUCCEEDED') throw new Error(`job ${jobId} ended as ${kind}`);
      // The socket keeps what it gets; what was seen is of no use to the next wait.
      socket.frames.length = 0;
      return wallMs;
    },
  };
}

/** Code is compiled and connections are open before anything is measured. */
export async function warmUp(world: World, sagas: number): Promise<void> {
  try {
    const customer = await newCustomer(world);
    for (let done = 0; done < sagas; done += 1) await customer.completeSaga();
  } finally {
    await world.close();
  }
}
