import {
  create,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { ERROR_CODE_TRAILER } from '#contracts/spec/errors/registry.ts';

/** For a call that has its answer in milliseconds, also on a loaded machine. */
const DEADLINE_MS = 15_000;

/** How a call ended: an answer, or a gRPC status with the code of the error registry. */
export type RpcResult<T> =
  | { readonly ok: true; readonly message: T }
  | {
      readonly ok: false;
      readonly status: string;
      readonly code: string | undefined;
      readonly details: string;
    };

type Method<S extends DescService, N extends keyof S['method']> = Extract<
  S['method'][N],
  DescMethodUnary
>;

/**
 * A client of one service for the harness. It shares nothing with the clients that the reference
 * services use, so that a defect in theirs cannot hide itself.
 */
export class RpcClient<S extends DescService> {
  readonly #service: S;
  readonly #client: Client;

  constructor(service: S, address: string) {
    this.#service = service;
    this.#client = new Client(address, credentials.createInsecure());
  }

  /** Calls a unary method; never throws for what the server answers. */
  async call<N extends keyof S['method'] & string>(
    name: N,
    request: MessageInitShape<Method<S, N>['input']>,
    options: { readonly deadlineMs?: number; readonly traceparent?: string } = {},
  ): Promise<RpcResult<MessageShape<Method<S, N>['output']>>> {
    const method = this.#service.method[name] as Method<S, N>;
    const metadata = new Metadata();
    if (options.traceparent) metadata.set('traceparent', options.traceparent);
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        `/${this.#service.typeName}/${method.name}`,
        (message: MessageShape<Method<S, N>['input']>) =>
          Buffer.from(toBinary(method.input, message)),
        (bytes: Buffer) => fromBinary(method.output, bytes) as MessageShape<Method<S, N>['output']>,
        create(method.input, request) as MessageShape<Method<S, N>['input']>,
        metadata,
        { deadline: Date.now() + (options.deadlineMs ?? DEADLINE_MS) },
        (error: ServiceError | null, message) => {
          if (error === null && message !== undefined) resolve({ ok: true, message });
          else resolve(refusal(error));
        },
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}

function refusal(error: ServiceError | null): {
  ok: false;
  status: string;
  code: string | undefined;
  details: string;
} {
  return {
    ok: false,
    status: status[error?.code ?? status.UNKNOWN] ?? 'UNKNOWN',
    code: error?.metadata?.get(ERROR_CODE_TRAILER)[0]?.toString(),
    details: error?.details ?? 'no answer',
  };
}
