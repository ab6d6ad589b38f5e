import type { OperationInvoked, OperationName } from '../../history/event.ts';
import { IdTable } from '../columns/id-table.ts';

/** Whether an operation is a command: one that a saga, and so a job, comes of. */
export const isCommand = (name: OperationName): boolean =>
  name === 'place-order' || name === 'cancel-order';

/** A command as its client means it: all requests with one Idempotency-Key of one user. */
export interface RequestFacts {
  /** Dense, from 0. */
  readonly number: number;
  readonly userId: string | undefined;
  /** Undefined for a request that had none: it is a command of its own. */
  readonly idempotencyKey: string | undefined;
  readonly traceId: string;
  /** Traces of its repetitions, when there were any. */
  repeatedIn: string[] | undefined;
}

/** The commands of a history. */
export class Requests {
  readonly #requests: RequestFacts[] = [];
  /** Numbers of requests, by user and key. */
  readonly #byKey = new IdTable();
  readonly #byTrace = new Map<string, RequestFacts>();

  /** The command whose request began this trace. */
  ofTrace(traceId: string): RequestFacts | undefined {
    return this.#byTrace.get(traceId);
  }

  /**
   * Takes an invocation and answers the command that it is of, if it is of one.
   *
   * @param userId who sent it, as the string that is kept of the user
   */
  take(event: OperationInvoked, userId: string | undefined): RequestFacts | undefined {
    const { name, idempotencyKey, traceId } = event;
    if (!isCommand(name) || traceId === undefined) return undefined;
    const known = this.#known(userId, idempotencyKey);
    if (known !== undefined) {
      known.repeatedIn ??= [];
      known.repeatedIn.push(traceId);
    }
    const number = this.#requests.length;
    const request = known ?? { number, userId, idempotencyKey, traceId, repeatedIn: undefined };
    if (known === undefined) this.#requests.push(request);
    this.#byTrace.set(traceId, request);
    return request;
  }

  /** The command with this key; when there is none, the next one gets the key. */
  #known(userId: string | undefined, key: string | undefined): RequestFacts | undefined {
    if (key === undefined) return undefined;
    const first = this.#byKey.note(`${userId}\n${key}`, this.#requests.length);
    return first === undefined ? undefined : this.#requests[first.index];
  }
}
