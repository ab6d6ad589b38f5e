import {
  type DescMethod,
  type DescService,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { ERROR_CODE_TRAILER } from '#contracts/spec/errors/registry.ts';
import { GRPC_SERVICES } from '../../clients/grpc-services.generated.ts';
import type { GrpcAnswer, GrpcRequest } from '../../pacts/interaction.ts';

/** For a call whose contract names no deadline: longer than anything takes. */
const DEADLINE_MS = 15_000;

/** Makes the real call that a contract describes. */
export async function callGrpc(address: string, request: GrpcRequest): Promise<GrpcAnswer> {
  const method = methodOf(request);
  const message = fromJson(method.input, request.message as JsonValue);
  const client = new Client(address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
  try {
    const deadline = Date.now() + (request.deadlineMs ?? DEADLINE_MS);
    return await new Promise((resolve) => {
      client.makeUnaryRequest(
        `/${method.parent.typeName}/${method.name}`,
        () => Buffer.from(toBinary(method.input, message)),
        (bytes: Buffer) => fromBinary(method.output, bytes),
        message,
        { deadline },
        (error: ServiceError | null, answer) => {
          if (error !== null || answer === undefined) resolve(refusalOf(error, deadline));
          else {
            const shown = toJson(method.output, answer, { alwaysEmitImplicit: true });
            resolve({ status: 'OK', message: shown });
          }
        },
      );
    });
  } finally {
    client.close();
  }
}

function methodOf({ service, method }: GrpcRequest): DescMethod {
  const services: readonly DescService[] = Object.values(GRPC_SERVICES);
  const found = services
    .find(({ typeName }) => typeName === service)
    ?.methods.find(({ name }) => name === method);
  if (found === undefined) throw new Error(`proto/ has no method ${service}/${method}`);
  return found;
}

function refusalOf(error: ServiceError | null, deadline: number): GrpcAnswer {
  const code = error?.metadata?.get(ERROR_CODE_TRAILER)[0]?.toString();
  return {
    status: statusAtEnd(error?.code ?? status.UNKNOWN, deadline, Date.now()),
    ...(code === undefined ? {} : { code }),
  };
}

/**
 * The status that a call ended with. A server whose own timer ends a call resets its stream, which
 * grpc-js reads as CANCELLED when that arrives before its own timer fires. The harness never
 * cancels, so after the deadline it was the deadline, as in grpc-go's client (`handleRSTStream` of
 * its internal/transport/http2_client.go).
 *
 * @param deadline When the call had to be answered, in ms since the epoch
 * @param now When it ended
 */
export function statusAtEnd(code: status, deadline: number, now: number): string {
  const isLate = code === status.CANCELLED && now >= deadline;
  return status[isLate ? status.DEADLINE_EXCEEDED : code] ?? 'UNKNOWN';
}
