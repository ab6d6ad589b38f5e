import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { validate as isUuid } from 'uuid';
import { ERROR_CODE_TRAILER } from '#contracts/spec/errors/registry.ts';
import { REQUEST_BYTES_MAX } from '#contracts/spec/rpc-rules.ts';
import {
  GetStockRequestSchema,
  GetStockResponseSchema,
  InventoryService,
  ReceiveStockRequestSchema,
  ReceiveStockResponseSchema,
} from '#proto/sagaproof/inventory/v1/inventory_pb.js';

/** A requirement that an implementation may violate. */
export type Flawed =
  | 'answers when the deadline has passed'
  | 'says INTERNAL when a field is missing'
  | 'ends when a message is too large'
  | 'makes more of an unknown field'
  | 'receives a repeated receipt twice'
  | 'takes garbage for an empty request'
  | 'knows every method'
  | 'refuses unknown metadata';

const STATUS = { ok: 0, deadline: 4, invalid: 3, notFound: 5, exhausted: 8, internal: 13 } as const;
const UNIMPLEMENTED = 12;
const PREFIX_BYTES = 5;
/** So little time that it has passed when the call comes. */
const NANOSECONDS = /^\d+n$/;
/** So that a call which is cancelled at once is cancelled while it is under way. */
const WORK_MS = 2;

interface End {
  readonly status: number;
  readonly code?: string;
  readonly message?: Uint8Array;
}

class Refusal extends Error {
  readonly end: End;
  constructor(status: number, code?: string) {
    super();
    this.end = { status, ...(code === undefined ? {} : { code }) };
  }
}

/** An inventory in memory, on HTTP/2 by hand, so that it can be wrong in any way. */
export class FakeInventory implements AsyncDisposable {
  readonly #flaw: Flawed | undefined;
  readonly #server = createServer();
  readonly #receipts = new Set<string>();
  readonly #stock = new Map<string, bigint>();
  readonly #sessions = new Set<{ destroy: () => void }>();

  private constructor(flaw: Flawed | undefined) {
    this.#flaw = flaw;
    this.#server.on('session', (session) => {
      session.on('error', () => undefined);
      this.#sessions.add(session);
    });
    this.#server.on('stream', (stream, headers) => void this.#serve(stream, headers));
  }

  static async start(flaw?: Flawed): Promise<FakeInventory> {
    const fake = new FakeInventory(flaw);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => undefined);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => stream.once('end', resolve).once('close', resolve));
    if (stream.destroyed) return;
    const end = await this.#endOf(headers, Buffer.concat(chunks)).catch((error: unknown) =>
      error instanceof Refusal ? error.end : { status: STATUS.internal },
    );
    if (!stream.destroyed) answer(stream, end);
  }

  async #endOf(headers: IncomingHttpHeaders, body: Buffer): Promise<End> {
    const flaw = this.#flaw;
    const bytes = body.subarray(PREFIX_BYTES);
    if (bytes.length > REQUEST_BYTES_MAX) {
      if (flaw === 'ends when a message is too large') await this[Symbol.asyncDispose]();
      throw new Refusal(STATUS.exhausted);
    }
    if (flaw === 'refuses unknown metadata' && headers['x-unknown-header'] !== undefined) {
      throw new Refusal(STATUS.invalid);
    }
    const timeout = String(headers['grpc-timeout'] ?? '');
    if (NANOSECONDS.test(timeout) && flaw !== 'answers when the deadline has passed') {
      throw new Refusal(STATUS.deadline);
    }
    await pause(WORK_MS);
    const isGarbage = body.length === 0 || !isReadable(bytes);
    if (isGarbage && flaw !== 'takes garbage for an empty request') {
      throw new Refusal(STATUS.internal);
    }
    return this.#call(String(headers[':path']), isGarbage ? undefined : bytes);
  }

  #call(path: string, bytes: Uint8Array | undefined): End {
    const { typeName, method } = InventoryService;
    if (bytes === undefined) return { status: STATUS.ok, message: new Uint8Array() };
    if (path === `/${typeName}/${method.receiveStock.name}`) return this.#receive(bytes);
    if (path === `/${typeName}/${method.getStock.name}`) return this.#get(bytes);
    if (this.#flaw === 'knows every method') return { status: STATUS.ok };
    return { status: UNIMPLEMENTED };
  }

  #receive(bytes: Uint8Array): End {
    const {
      receiptId,
      sku,
      quantity,
      $unknown = [],
    } = fromBinary(ReceiveStockRequestSchema, bytes);
    this.#check(isUuid(receiptId), receiptId !== '');
    this.#checkSku(sku);
    this.#check(quantity >= 1 && quantity <= 1_000_000, quantity !== 0);
    if (!this.#receipts.has(receiptId) || this.#flaw === 'receives a repeated receipt twice') {
      this.#receipts.add(receiptId);
      this.#stock.set(sku, (this.#stock.get(sku) ?? 0n) + BigInt(quantity));
    }
    const isMore = $unknown.length > 0 && this.#flaw === 'makes more of an unknown field';
    const extra = isMore ? 1n : 0n;
    return ok(ReceiveStockResponseSchema, { stock: this.#stockOf(sku, extra) });
  }

  #get(bytes: Uint8Array): End {
    const { sku } = fromBinary(GetStockRequestSchema, bytes);
    this.#checkSku(sku);
    if (!this.#stock.has(sku)) throw new Refusal(STATUS.notFound, 'stock-not-found');
    return ok(GetStockResponseSchema, { stock: this.#stockOf(sku, 0n) });
  }

  #stockOf(sku: string, extra: bigint) {
    const received = (this.#stock.get(sku) ?? 0n) + extra;
    return { sku, received, reserved: 0n, available: received };
  }

  #checkSku(sku: string): void {
    this.#check(/^[A-Za-z0-9._-]{1,64}$/.test(sku), sku !== '');
  }

  #check(isValid: boolean, isThere: boolean): void {
    if (isValid) return;
    const isOurs = this.#flaw === 'says INTERNAL when a field is missing' && !isThere;
    throw isOurs
      ? new Refusal(STATUS.internal, 'internal')
      : new Refusal(STATUS.invalid, 'invalid-request');
  }
}

function isReadable(bytes: Uint8Array): boolean {
  try {
    fromBinary(ReceiveStockRequestSchema, bytes);
    return true;
  } catch {
    return false;
  }
}

type Response = typeof ReceiveStockResponseSchema | typeof GetStockResponseSchema;

const ok = <S extends Response>(schema: S, init: MessageInitShape<S>): End => ({
  status: STATUS.ok,
  message: toBinary(schema, create(schema, init)),
});

function answer(stream: ServerHttp2Stream, { status, code, message }: End): void {
  const trailers = {
    'grpc-status': String(status),
    ...(code === undefined ? {} : { [ERROR_CODE_TRAILER]: code }),
  };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  if (message === undefined) {
    stream.end();
    return;
  }
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
}
