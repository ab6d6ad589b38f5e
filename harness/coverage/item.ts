/** What coverage counts, and the one list in which every source writes it down. */

export const KINDS = ['edges', 'operations', 'fields', 'errors'] as const;
export type Kind = (typeof KINDS)[number];

/** Who uses what of whom, and over what: a consumer may use one provider over two protocols. */
export interface Edge {
  readonly consumer: string;
  readonly provider: string;
  /** `http`, `grpc`, `kafka`, `ws`, or another that a contract names. */
  readonly protocol: string;
}

/** One thing that is counted. */
export interface Item extends Edge {
  readonly kind: Kind;
  /** `POST /v1/orders`, `JobService/IssueJob`, `order.events OrderPlaced`, `subscribe`. */
  readonly operation?: string;
  /** Of a field: its path, `answer.lines[].sku`; of an error: its code. */
  readonly name?: string;
}

/** A document does not name callers, so a call by any consumer is an occurrence. */
export const ANYBODY = '(anybody)';
/** Who prepares the world and looks into it, by RPCs that no service calls: the harness. */
export const OPERATOR = 'operator';
export const WEB_CLIENT = 'web-client';
/** Opening a socket, as an operation. */
export const HANDSHAKE = 'handshake';

export const keyOf = ({ kind, consumer, provider, protocol, operation, name }: Item): string =>
  [kind, consumer, provider, protocol, operation ?? '', name ?? ''].join('\n');

/** `order → payment (grpc): GetPayment: answer.amount`, as a table or a list shows it. */
export function describeItem({ consumer, provider, protocol, operation, name }: Item): string {
  const edge = `${consumer} → ${provider} (${protocol})`;
  return [edge, operation, name].filter((part) => part !== undefined).join(' · ');
}

/** Everything that one source has of what is counted, each thing once. */
export class Ledger {
  readonly #items = new Map<string, Item>();

  edge(edge: Edge): void {
    this.add({ kind: 'edges', ...only(edge) });
  }

  operation(edge: Edge, operation: string): void {
    this.edge(edge);
    this.add({ kind: 'operations', ...only(edge), operation });
  }

  field(edge: Edge, operation: string, name: string): void {
    this.add({ kind: 'fields', ...only(edge), operation, name });
  }

  /** @param paths each as `fieldPaths` writes it */
  fields(edge: Edge, operation: string, paths: Iterable<string>): void {
    for (const path of paths) this.field(edge, operation, path);
  }

  error(edge: Edge, code: string): void {
    this.add({ kind: 'errors', ...only(edge), name: code });
  }

  add(item: Item): void {
    const key = keyOf(item);
    if (!this.#items.has(key)) this.#items.set(key, item);
  }

  has = (item: Item): boolean => this.#items.has(keyOf(item));

  of(kind: Kind): Item[] {
    return [...this.#items.values()].filter((item) => item.kind === kind);
  }

  get all(): readonly Item[] {
    return [...this.#items.values()];
  }
}

const only = ({ consumer, provider, protocol }: Edge): Edge => ({ consumer, provider, protocol });
