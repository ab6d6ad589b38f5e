import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import {
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type Span, SpanKind } from '@opentelemetry/api';
import { HealthImplementation } from 'grpc-health-check';
import { Counter, Histogram } from 'prom-client';
import { type Admit, admission } from './admission.ts';
import { withDeadline } from './deadline.ts';
import { crashOnBrokenAssertion, errorCodeOf, OperationalError } from './errors.ts';
import { MESSAGE_BYTES_MAX } from './grpc-client.ts';
import { answerTo } from './grpc-status.ts';
import { requirePlainText } from './request.ts';
import type { ServiceContext } from './service.ts';
import { markFailed, withSpan, withTraceparent } from './telemetry.ts';

export { type GrpcClient, grpcClient } from './grpc-client.ts';

/** The longest that a call may take here, whatever deadline its caller sent. */
const CALL_TIMEOUT_MS_MAX = 10_000;
/** Calls at once on one connection; more wait in the client. */
const CONCURRENT_CALLS_MAX = 1_000;
/** Calls of all connections that are worked on at a time, and that wait for that. */
const CALLS = { atOnce: 100, waitingMax: 500, msMin: 0 };
/** How long calls under way may still take when the service drains. */
const SHUTDOWN_TIMEOUT_MS = 4_000;
const HEALTH_INTERVAL_MS = 500;
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface Call {
  /** Aborted when the caller has gone or its deadline has passed. */
  readonly signal: AbortSignal;
  /** What the call may take in all, from its start. */
  readonly deadlineMs: number;
  readonly metadata: Metadata;
}

/** One function per method. It answers, or throws an OperationalError. */
export type Handlers<S extends DescService> = {
  readonly [K in keyof S['method']]: S['method'][K] extends {
    input: infer I extends DescMessage;
    output: infer O extends DescMessage;
  }
    ? (request: MessageShape<I>, call: Call) => Promise<MessageInitShape<O>>
    : never;
};

type Handler = (request: never, call: Call) => Promise<MessageInitShape<DescMessage>>;

export interface Implementation {
  readonly service: DescService;
  readonly handlers: Readonly<Record<string, Handler>>;
  /** The longest that one of its calls may take. */
  readonly timeoutMsMax: number;
  /** Whether it decides itself about control characters in requests; else they are invalid. */
  readonly takesAnyText: boolean;
}

/** Binds handlers to the service that they implement. */
export function implement<S extends DescService>(
  service: S,
  handlers: Handlers<S>,
  options: { readonly timeoutMsMax?: number; readonly takesAnyText?: boolean } = {},
): Implementation {
  const { timeoutMsMax = CALL_TIMEOUT_MS_MAX, takesAnyText = false } = options;
  const bound = handlers as unknown as Implementation['handlers'];
  return { service, handlers: bound, timeoutMsMax, takesAnyText };
}

/**
 * Serves gRPC and its health protocol until the drain, which lets calls under way finish.
 *
 * @returns the port it listens on
 */
export async function serveGrpc(
  context: ServiceContext,
  options: { readonly port: number; readonly services: readonly Implementation[] },
): Promise<number> {
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_concurrent_streams': CONCURRENT_CALLS_MAX,
  });
  const meter = createMeter(context);
  const admit = admission(CALLS);
  for (const { service, handlers, timeoutMsMax, takesAnyText } of options.services) {
    const serve = (method: DescMethod) => {
      const handler = handlers[method.localName];
      if (handler === undefined) throw new Error(`${method.toString()} has no handler`);
      const work = { handler, timeoutMsMax, takesAnyText, admit };
      return [method.name, serveMethod(context, meter, method, work)];
    };
    const implementation = Object.fromEntries(service.methods.map(serve));
    server.addService(definitionOf(service), implementation as UntypedServiceImplementation);
  }
  serveHealth(context, server, options.services);
  const port = await listen(server, `${context.listenHost}:${options.port}`);
  context.onDrain(() => shutDown(server));
  context.log.info({ grpc: `${context.listenHost}:${port}` }, 'serving gRPC');
  return port;
}

function definitionOf(service: DescService): ServiceDefinition {
  const methods = service.methods.map((method) => {
    if (method.methodKind !== 'unary') throw new Error(`${method.toString()} is not unary`);
    return [
      method.name,
      {
        path: `/${service.typeName}/${method.name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: bytesOf(method.input),
        requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
        responseSerialize: bytesOf(method.output),
        responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
      },
    ];
  });
  return Object.fromEntries(methods) as ServiceDefinition;
}

const bytesOf = (schema: DescMessage) => (message: MessageShape<DescMessage>) =>
  Buffer.from(toBinary(schema, message));

type UnaryCall = ServerUnaryCall<unknown, unknown>;

interface Served extends Pick<Implementation, 'timeoutMsMax' | 'takesAnyText'> {
  readonly handler: Handler;
  readonly admit: Admit;
}

function serveMethod(
  context: ServiceContext,
  meter: Meter,
  method: DescMethod,
  work: Served,
): handleUnaryCall<unknown, unknown> {
  const rpc = { 'rpc.service': method.parent.typeName, 'rpc.method': method.name };
  const name = `${method.parent.typeName}/${method.name}`;
  return (call, callback) => {
    const stopTimer = meter.start(method);
    const serveInSpan = async (span: Span) => {
      try {
        const response = await answerInTime(call, work);
        stopTimer('OK');
        callback(null, create(method.output, response));
      } catch (error) {
        const answer = answerTo(error);
        stopTimer(status[answer.code] ?? 'UNKNOWN');
        markFailed(span, error);
        report(context, name, error);
        callback(answer);
      }
    };
    const attributes = { 'rpc.system': 'grpc', ...rpc };
    void withTraceparent(traceparentOf(call), () =>
      withSpan(name, { kind: SpanKind.SERVER, attributes }, serveInSpan),
    );
  };
}

/** Runs a handler within the caller's deadline, and aborts it when the caller no longer waits. */
async function answerInTime(
  call: UnaryCall,
  { handler, timeoutMsMax, takesAnyText, admit }: Served,
): Promise<MessageInitShape<DescMessage>> {
  const deadlineMs = Math.min(timeLeftMs(call), timeoutMsMax);
  if (deadlineMs <= 0) throw tooLate();
  if (!takesAnyText) requirePlainText(call.request);
  const gone = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    gone.abort();
    late.reject(tooLate());
  }, deadlineMs);
  call.on('cancelled', () => gone.abort());
  const context = { signal: gone.signal, deadlineMs, metadata: call.metadata };
  try {
    return await withDeadline(deadlineMs, gone.signal, () =>
      Promise.race([admit(() => handler(call.request as never, context)), late.promise]),
    );
  } finally {
    clearTimeout(timer);
  }
}

const tooLate = (): OperationalError =>
  new OperationalError('outcome-unknown', { detail: 'the deadline has passed' });

function timeLeftMs(call: UnaryCall): number {
  const deadline = call.getDeadline();
  const endsAtMs = deadline instanceof Date ? deadline.getTime() : deadline;
  return Math.max(0, endsAtMs - Date.now());
}

function traceparentOf(call: UnaryCall): string | undefined {
  return call.metadata.get('traceparent').map(String)[0];
}

/** Refusals are the caller's affair; what is ours is logged with its cause. */
function report(context: ServiceContext, method: string, error: unknown): void {
  crashOnBrokenAssertion(error);
  const code = errorCodeOf(error);
  if (code === undefined || code === 'internal') {
    context.log.error({ err: error, method }, 'a call failed');
  } else if (code === 'unavailable' || code === 'outcome-unknown') {
    context.log.warn({ err: error, method, code }, 'a call could not be served');
  } else {
    context.log.debug({ method, code }, 'a call was refused');
  }
}

interface Meter {
  /** Starts a call's clock; the result stops it with the status that it ended in. */
  start(method: DescMethod): (code: string) => void;
}

function createMeter(context: ServiceContext): Meter {
  const labelNames = ['grpc_service', 'grpc_method', 'grpc_code'] as const;
  const handled = new Counter({
    name: 'grpc_server_handled_total',
    help: 'Calls that ended, by status.',
    labelNames,
    registers: [context.metrics],
  });
  const duration = new Histogram({
    name: 'grpc_server_handling_seconds',
    help: 'How long calls took.',
    labelNames: ['grpc_service', 'grpc_method'],
    buckets: BUCKETS_SECONDS,
    registers: [context.metrics],
  });
  return {
    start(method) {
      const labels = { grpc_service: method.parent.typeName, grpc_method: method.name };
      const observe = duration.startTimer(labels);
      return (code) => {
        observe();
        handled.inc({ ...labels, grpc_code: code });
      };
    },
  };
}

function serveHealth(
  context: ServiceContext,
  server: Server,
  services: readonly Implementation[],
): void {
  const names = ['', ...services.map(({ service }) => service.typeName)];
  const health = new HealthImplementation();
  const update = async () => {
    const { ready } = await context.health.readiness();
    for (const name of names) health.setStatus(name, ready ? 'SERVING' : 'NOT_SERVING');
  };
  for (const name of names) health.setStatus(name, 'NOT_SERVING');
  health.addToServer(server);
  const timer = setInterval(() => void update(), HEALTH_INTERVAL_MS).unref();
  context.signal.addEventListener('abort', () => void update());
  context.resources.defer(() => clearInterval(timer));
}

function listen(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      const message = `gRPC cannot listen on ${address}: ${error?.message}`;
      if (error === null) resolve(port);
      else reject(new Error(message, { cause: error }));
    });
  });
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, SHUTDOWN_TIMEOUT_MS);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
