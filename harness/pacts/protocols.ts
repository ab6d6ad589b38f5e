import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { websocketMessageCheck } from '#contracts/spec/asyncapi.ts';
import { GRPC_SERVICES } from '../clients/grpc-services.generated.ts';
import { operationFinder, operationsOf, readOpenapi } from '../documents/openapi.ts';

/** `sagaproof.jobs.v1.JobService` and `IssueJob` as an operation: `JobService/IssueJob`. */
export const grpcOperation = (service: string, method: string): string =>
  `${service.slice(service.lastIndexOf('.') + 1)}/${method}`;

const PROVIDER_OF = new Map(
  Object.entries(GRPC_SERVICES).map(([provider, { typeName }]) => [typeName as string, provider]),
);

/** Whose service it is, by its full name in `proto/`. */
export const grpcProvider = (service: string): string | undefined => PROVIDER_OF.get(service);

/** Every RPC of `proto/`, with whose it is. */
export const grpcMethods = (): Array<{ provider: string; method: DescMethod }> =>
  Object.entries(GRPC_SERVICES).flatMap(([provider, service]) =>
    (service as DescService).methods.map((method) => ({ provider, method })),
  );

/** The reading of a status that comes without a code, as the services' clients read it. */
const CODE_OF_STATUS: Readonly<Record<string, string>> = {
  DEADLINE_EXCEEDED: 'outcome-unknown',
  UNAVAILABLE: 'unavailable',
};

export const grpcCode = (status: string, code: string | undefined): string =>
  code ?? CODE_OF_STATUS[status] ?? status;

type Find = (method: string, path: string) => string | undefined;
let find: Find | undefined;

/** An HTTP request as an operation of the OpenAPI document: `GET /v1/jobs/{jobId}`. */
export const httpOperation: Find = (method, path) => {
  const finder = find ?? httpFinder();
  find = finder;
  return finder(method, path);
};

function httpFinder(): Find {
  const known = operationFinder(operationsOf(readOpenapi()));
  return (method, path) => {
    const found = known(method, path);
    return found === undefined ? undefined : `${found.method} ${found.path}`;
  };
}

/** Names in the query of a request's path. */
export const queryNames = (path: string): string[] => [
  ...new URLSearchParams(path.split('?')[1] ?? '').keys(),
];

/** Above it an answer is a problem, and what was asked need not have been a request at all. */
export const ACCEPTED_MAX = 399;

let received: ReturnType<typeof websocketMessageCheck> | undefined;

/** Whether a client may say this by AsyncAPI. What it may not is no message of a contract. */
export function isClientMessage(message: unknown): boolean {
  received ??= websocketMessageCheck('websocketReceives');
  return received(message).ok;
}

export const recordOperation = (topic: string, eventType: string): string =>
  `${topic} ${eventType}`;
