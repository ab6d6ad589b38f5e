import {
  create,
  type DescMessage,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { type ChannelOptions, Client, credentials, Metadata } from '@grpc/grpc-js';
import { SpanKind } from '@opentelemetry/api';
import { callerSignal, remainingMs } from './deadline.ts';
import { OperationalError } from './errors.ts';
import { meaningOf, type StatusCodes } from './grpc-status.ts';
import type { ServiceContext } from './service.ts';
import { currentTraceparent, withSpan } from './telemetry.ts';

/** In and out; the largest message there is, a page of 100 orders, stays well below. */
export const MESSAGE_BYTES_MAX = 1_048_576;

/** Finds a dead connection under a pending call, and comes back soon after a fault. */
const CHANNEL: ChannelOptions = {
  'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  'grpc.keepalive_time_ms': 2_000,
  'grpc.keepalive_timeout_ms': 1_000,
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 500,
  'grpc.enable_http_proxy': 0,
  // A retry is the caller's decision: only it knows whether the call may be repeated.
  'grpc.enable_retries': 0,
};

export interface CallOptions {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** One function per method; each rejects with an OperationalError and nothing else. */
export type GrpcClient<S extends DescService> = {
  readonly [K in keyof S['method']]: S['method'][K] extends {
    input: infer I extends DescMessage;
    output: infer O extends DescMessage;
  }
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : never;
};

export interface GrpcClientOptions {
  /** How long a call may take; less when the caller's own budget has less left. */
  readonly deadlineMs: number;
  /** What a status means from a server that sends no code of the registry. */
  readonly codes?: StatusCodes;
}

/** A client of one service. It connects when it is first used, and reconnects by itself. */
export function grpcClient<S extends DescService>(
  context: Pick<ServiceContext, 'resources'>,
  service: S,
  address: string,
  options: GrpcClientOptions,
): GrpcClient<S> {
  const client = new Client(address, credentials.createInsecure(), CHANNEL);
  context.resources.defer(() => client.close());
  const methods = service.methods.map((method) => [
    method.localName,
    (request: MessageInitShape<DescMessage>, call: CallOptions = {}) =>
      callUnary(client, service, method, request, { ...options, ...call }),
  ]);
  return Object.fromEntries(methods) as GrpcClient<S>;
}

async function callUnary(
  client: Client,
  service: DescService,
  method: DescService['methods'][number],
  init: MessageInitShape<DescMessage>,
  options: GrpcClientOptions & CallOptions,
): Promise<unknown> {
  const name = `${service.typeName}/${method.name}`;
  const attributes = {
    'rpc.system': 'grpc',
    'rpc.service': service.typeName,
    'rpc.method': method.name,
  };
  return withSpan(name, { kind: SpanKind.CLIENT, attributes }, async () => {
    const budgetMs = remainingMs(options.deadlineMs);
    const signal = options.signal ?? callerSignal();
    if (budgetMs <= 0 || signal?.aborted === true) {
      throw new OperationalError('unavailable', { detail: `no time was left to call ${name}` });
    }
    return send(client, method, `/${name}`, init, { ...options, budgetMs, signal });
  });
}

function send(
  client: Client,
  method: DescService['methods'][number],
  path: string,
  init: MessageInitShape<DescMessage>,
  options: {
    readonly budgetMs: number;
    readonly signal: AbortSignal | undefined;
    readonly codes?: StatusCodes;
  },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const cancel = () => call.cancel();
    const call = client.makeUnaryRequest(
      path,
      (message: MessageShape<DescMessage>) => Buffer.from(toBinary(method.input, message)),
      (bytes: Buffer) => fromBinary(method.output, bytes),
      create(method.input, init),
      callMetadata(),
      { deadline: Date.now() + options.budgetMs },
      (error, response) => {
        options.signal?.removeEventListener('abort', cancel);
        if (error === null) resolve(response);
        else reject(meaningOf(error, path.slice(1), options.codes ?? {}));
      },
    );
    options.signal?.addEventListener('abort', cancel, { once: true });
  });
}

function callMetadata(): Metadata {
  const metadata = new Metadata();
  const traceparent = currentTraceparent();
  if (traceparent !== undefined) metadata.set('traceparent', traceparent);
  return metadata;
}
