/** What the contents of our interactions are: shared by consumers' contracts and verification. */

/** A gRPC call, as the request of a synchronous message. */
export interface GrpcRequest {
  readonly protocol: 'grpc';
  /** `sagaproof.jobs.v1.JobService`. */
  readonly service: string;
  /** `IssueJob`. */
  readonly method: string;
  /** Protobuf JSON. */
  readonly message: unknown;
  /** Absent = longer than anything takes. */
  readonly deadlineMs?: number;
}

/**
 * How a gRPC call ended. The status is in the body, because the metadata of a synchronous answer
 * is not compared by Pact.
 */
export interface GrpcAnswer {
  readonly status: string;
  /** The code of the error registry, from the trailer. */
  readonly code?: string;
  /** Protobuf JSON; only with OK. */
  readonly message?: unknown;
}

/**
 * Metadata of a record, as an asynchronous message. Header `x` is `header:x`: with a dot, Pact does
 * not find the matchers that it has for it.
 */
export interface RecordMetadata {
  readonly protocol: 'kafka';
  readonly topic: string;
  readonly key: string;
  /** Subject of the schema that the record names by id. */
  readonly subject: string;
  /** Types of what its key had before it on the topic, `A, B`; left out, it does not matter. */
  readonly after?: string;
  readonly [header: `header:${string}`]: string;
}

/** A message of the provider, with the metadata that Pact compares. */
export interface Message {
  readonly contents: unknown;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What the real provider answered or published for an interaction. */
export type Observed = { readonly answer: unknown } | Message;

/** Folder of the published pacts, from the repository's root. */
export const PACTS_FOLDER = 'contracts/pacts';

export const pactFile = (consumer: string, provider: string): string =>
  `${consumer}-${provider}.json`;
