import {
  type DescMethodUnary,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { ERROR_CODE_TRAILER } from '#contracts/spec/errors/registry.ts';
import type { GrpcAnswer } from '../../pacts/interaction.ts';

/** A field number that no message of this repository has, as a newer provider may send. */
const UNKNOWN_FIELD = 19_999_999;

export interface MockAnswer {
  readonly answer: GrpcAnswer;
  /** Add a field that the consumer's schema does not know. */
  readonly withUnknownField?: boolean;
}

/** A gRPC server on loopback that gives one answer to one method, and notes what it was asked. */
export interface GrpcMock extends AsyncDisposable {
  /** host:port. */
  readonly address: string;
  /** Requests so far, as protobuf JSON. */
  readonly requests: readonly unknown[];
}

/** Any other method is UNIMPLEMENTED, which is what a consumer that asks too much deserves. */
export async function startGrpcMock(method: DescMethodUnary, reply: MockAnswer): Promise<GrpcMock> {
  const requests: unknown[] = [];
  const server = new Server();
  server.addService(
    {
      [method.name]: {
        path: `/${method.parent.typeName}/${method.name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    {
      [method.name]: (
        call: { request: Buffer },
        respond: (error: object | null, bytes?: Buffer) => void,
      ) => {
        requests.push(toJson(method.input, fromBinary(method.input, call.request)));
        const { answer } = reply;
        if (answer.status === 'OK') respond(null, bytesOf(method, reply));
        else respond(refusalOf(answer));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

function bytesOf(method: DescMethodUnary, { answer, withUnknownField }: MockAnswer): Buffer {
  const message = fromJson(method.output, (answer.message ?? {}) as JsonValue);
  const known = toBinary(method.output, message);
  if (withUnknownField !== true) return Buffer.from(known);
  const unknown = new BinaryWriter()
    .tag(UNKNOWN_FIELD, WireType.LengthDelimited)
    .string('of a newer provider')
    .finish();
  return Buffer.concat([known, unknown]);
}

function refusalOf({ status: name, code }: GrpcAnswer): object {
  const number = status[name as keyof typeof status];
  if (typeof number !== 'number') throw new Error(`${name} is no gRPC status`);
  const metadata = new Metadata();
  if (code !== undefined) metadata.set(ERROR_CODE_TRAILER, code);
  return { code: number, details: 'refused by the contract', metadata };
}
