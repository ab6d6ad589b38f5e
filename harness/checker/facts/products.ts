import { NEVER } from '../scope.ts';

/** A product as its events report it. */
export interface Product {
  /** Dense, from 0. */
  readonly number: number;
  readonly sku: string;
  received: number;
  receivedAt: number;
  /** What reservations that were not undone add up to, as inventory's events have it. */
  reserved: number;
  reservedAt: number;
}

/** All products of a history. */
export class Products {
  readonly #bySku = new Map<string, Product>();
  readonly #byNumber: Product[] = [];

  /** The product; it is new when no event named it before. */
  of(sku: string): Product {
    let product = this.#bySku.get(sku);
    if (product === undefined) {
      const number = this.#byNumber.length;
      product = { number, sku, received: 0, receivedAt: NEVER, reserved: 0, reservedAt: NEVER };
      this.#bySku.set(sku, product);
      this.#byNumber.push(product);
    }
    return product;
  }

  find(sku: string): Product | undefined {
    return this.#bySku.get(sku);
  }

  numbered(number: number): Product | undefined {
    return this.#byNumber[number];
  }

  all(): readonly Product[] {
    return this.#byNumber;
  }
}
