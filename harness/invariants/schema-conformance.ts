import { readAsyncApi, websocketMessageCheck } from '#contracts/spec/asyncapi.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { Scope } from '../checker/scope.ts';
import { type AnswerFlaw, answerCheck } from '../documents/http-check.ts';
import { type RecordFlaw, recordCheck } from '../documents/record-check.ts';
import type {
  HistoryEvent,
  KafkaRecord,
  OperationCompleted,
  SocketEvent,
} from '../history/event.ts';
import { SPEAKING_SERVICES } from '../kernel/system.ts';

/**
 * Claims: whatever crosses a boundary is what the documents say: frames are those of AsyncAPI,
 * answers and their headers those of OpenAPI, records those of the topic table, AsyncAPI's headers
 * and Avro.
 *
 * Checks: each frame, answer and record by itself, with validators that are made of the documents.
 * Clients may send what they like, but a message or body that the documents forbid must not be
 * accepted. Records that a scenario published itself, which it records, are not the system's.
 *
 * Could be fooled: by a value that has the right shape and means nothing, which is for the other
 * invariants to find; by a request that is refused although it is as documented, since the reason
 * may be in what was not recorded.
 */
class SchemaConformance implements Checker {
  readonly #findings = new Findings();
  readonly #documents = documents();
  readonly #scope: Scope;
  /** Records that cannot be read, by place: their publisher may be known only later. */
  readonly #unread = new Map<string, { readonly index: number; readonly flaw: string }>();
  readonly #ownRecords = new Set<string>();
  /** By socket and request: messages that the document forbids. */
  readonly #forbidden = new Map<string, { readonly index: number; readonly flaw: string }>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    switch (event.type) {
      case 'kafka':
        this.#record(event);
        break;
      case 'ws':
        this.#message(event);
        break;
      case 'ok':
      case 'fail':
      case 'info':
        this.#answer(event);
        break;
    }
  }

  finish(): Finding {
    for (const [place, { index, flaw }] of this.#unread) {
      if (this.#ownRecords.has(place)) continue;
      this.#findings.violate(() => `The record at ${place} is not as documented: ${flaw}.`, index);
    }
    return this.#findings.finding();
  }

  #record(record: KafkaRecord): void {
    this.#findings.look();
    const flaw = this.#documents.recordFlaw(record);
    if (flaw === undefined) return;
    this.#unread.set(placeOf(record), { index: record.index, flaw });
  }

  #message({ index, what, socket, message }: SocketEvent): void {
    if (message === undefined) return;
    const request = `${socket}\n${String(message['requestId'])}`;
    if (what === 'sent') {
      const check = this.#documents.received(message);
      if (!check.ok) this.#forbidden.set(request, { index, flaw: check.detail });
      return;
    }
    this.#findings.look();
    const check = this.#documents.sent(message);
    if (!check.ok) {
      this.#findings.violate(
        () => `A frame on socket ${socket} is not as documented: ${check.detail}.`,
        index,
      );
    } else if (this.#forbidden.size > 0 && message['type'] !== 'error') {
      this.#accepted(request, index, socket);
    }
  }

  #accepted(request: string, index: number, socket: string): void {
    const asked = this.#forbidden.get(request);
    if (asked === undefined) return;
    this.#findings.violate(
      () => `A message on socket ${socket} was accepted, and may not be sent: ${asked.flaw}.`,
      asked.index,
      index,
    );
  }

  #answer({ index, status, response, headers }: OperationCompleted): void {
    const { invoked } = this.#scope;
    const request = (invoked?.request ?? {}) as HttpRequest;
    for (const { topic, partition, offset } of (response as Published)?.published ?? []) {
      this.#ownRecords.add(placeOf({ topic, partition, offset }));
    }
    const { method, path, json } = request;
    if (method === undefined || path === undefined || typeof status !== 'number') return;
    if (status === 0) return;
    this.#findings.look();
    const flaw = this.#documents.answerFlaw({
      ...{ method, path, json, status, body: response, headers },
      traceId: invoked?.traceId,
    });
    if (flaw === undefined) return;
    this.#findings.violate(
      () => `The answer to ${method} ${path} is not as documented: ${flaw}.`,
      invoked?.index ?? index,
      index,
    );
  }
}

interface HttpRequest {
  readonly method?: string;
  readonly path?: string;
  readonly json?: unknown;
}

type Published =
  | { readonly published?: ReadonlyArray<{ topic: string; partition: number; offset: string }> }
  | undefined;

const placeOf = (at: { topic: string; partition: number; offset: string }): string =>
  `${at.topic}/${at.partition}/${at.offset}`;

interface Documents {
  readonly recordFlaw: RecordFlaw;
  readonly answerFlaw: AnswerFlaw;
  readonly received: ReturnType<typeof websocketMessageCheck>;
  readonly sent: ReturnType<typeof websocketMessageCheck>;
}

let compiled: Documents | undefined;

/** Made once in a process: compiling takes longer than judging ten thousand messages. */
function documents(): Documents {
  compiled ??= compile();
  return compiled;
}

function compile(): Documents {
  const asyncapi = readAsyncApi();
  return {
    recordFlaw: recordCheck(asyncapi),
    answerFlaw: answerCheck(),
    received: websocketMessageCheck('websocketReceives', asyncapi),
    sent: websocketMessageCheck('websocketSends', asyncapi),
  };
}

export const schemaConformance = defineInvariant({
  name: 'schema-conformance',
  promise: 'Every frame, answer and record is what AsyncAPI, OpenAPI, Avro and topic table say.',
  concerns: SPEAKING_SERVICES,
  needs: ['client', 'websocket', 'kafka'],
  reads: ['kafka', 'ws', 'ok', 'fail', 'info'],
  diagnosis: {
    causes: [
      'a field was added or renamed in code without its document',
      '`null` or an empty string where the field is to be absent',
      'an error path that answers with a default body or status of the framework',
    ],
    look: 'the serializer of what the violation names, compared with its document',
  },
  start: (scope) => new SchemaConformance(scope),
});
