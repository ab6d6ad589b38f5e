import { IdTable } from '../columns/id-table.ts';

/** A message as it was noted: where it was first, its type if that is known, and its order. */
export interface NotedMessage {
  readonly at: number;
  readonly type: string | undefined;
  readonly orderNumber: number;
}

/** A note keeps 31 bits: enough for every type and more orders than a history has. */
const ORDERS_MAX = 1 << 26;

/** Notes very many messages by id, at 16 bytes each. */
export class NotedMessages {
  readonly #types: readonly string[];
  readonly #ids = new IdTable();

  /** @param types all that can be noted; others are `undefined` */
  constructor(types: readonly string[]) {
    this.#types = types;
  }

  /** Notes a message; returns whether it is the first one with its id. A later one is ignored. */
  note(id: string, message: NotedMessage): boolean {
    return this.#ids.note(id, message.at, this.#codeOf(message)) === undefined;
  }

  /** Notes a message in place of an earlier one with its id. */
  replace(id: string, message: NotedMessage): void {
    this.#ids.replace(id, message.at, this.#codeOf(message));
  }

  find(id: string): NotedMessage | undefined {
    const noted = this.#ids.find(id);
    if (noted === undefined) return undefined;
    const { index: at, fingerprint: code } = noted;
    const type = this.#types[Math.floor(code / ORDERS_MAX) - 1];
    return { at, type, orderNumber: code % ORDERS_MAX };
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  #codeOf({ type, orderNumber }: NotedMessage): number {
    const place = type === undefined ? -1 : this.#types.indexOf(type);
    return (place + 1) * ORDERS_MAX + (orderNumber % ORDERS_MAX);
  }
}
