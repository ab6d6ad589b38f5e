import { mintToken } from '../../clients/own-server.ts';
import { until } from '../../kernel/poll.ts';
import type { Stack } from '../../testbed/stack.ts';
import { freshNames } from '../fiction.ts';
import { type Exchange, Skipped } from './bridge.ts';
import type { Expected, Place, Protocol } from './protocol.ts';
import { PROTOCOLS } from './protocols.ts';
import type { Publisher } from './publisher.ts';
import { addressOf, type RpcClients } from './rpc-clients.ts';
import type { StateContext, States } from './state.ts';
import type { RecordTap } from './tap.ts';

/** What all interactions of one verification share. */
export interface VerificationContext {
  /** A service, or a piece of infrastructure. */
  readonly provider: string;
  readonly stack: Stack;
  readonly rpc: RpcClients;
  readonly states: States;
  /** Absent where no broker runs. */
  readonly publisher: Publisher | undefined;
  readonly tap: RecordTap | undefined;
}

/** The running system, as one interaction uses it. */
export function createExchange(verification: VerificationContext, expected: Expected): Exchange {
  const undo: Array<() => Promise<void>> = [];
  const context = contextOf(verification, undo);
  const place: Place = { provider: verification.provider, tap: () => required(verification.tap) };
  return {
    names: context.names,
    async prepare(state, params) {
      const handler = verification.states[state];
      if (handler === undefined) {
        const known = Object.keys(verification.states).join('; ') || 'none';
        throw new Skipped(
          `unknown provider state "${state}" of ${verification.provider}; known states: ${known}`,
        );
      }
      await handler(context, context.names.toReal(params));
    },
    async answer(request) {
      const { answer } = protocolOf(request['protocol']);
      if (answer === undefined) throw new Error(`${request['protocol']} answers no request`);
      return answer(context, place, request);
    },
    async capture() {
      const { capture } = protocolOf(expected.metadata['protocol']);
      if (capture === undefined) {
        throw new Error(`${expected.metadata['protocol']} has no messages to capture`);
      }
      return capture(context, place, expected);
    },
    httpBase: () =>
      `http://${addressOf(verification.stack.addressBook, verification.provider, 'http')}`,
    async end() {
      for (const step of undo.reverse()) await step();
    },
  };
}

function protocolOf(name: unknown): Protocol {
  const known = PROTOCOLS[String(name)];
  if (known === undefined) {
    throw new Error(
      `unknown protocol ${JSON.stringify(name)}; known protocols: ${Object.keys(PROTOCOLS).join(', ')}`,
    );
  }
  return known;
}

function contextOf(
  verification: VerificationContext,
  undo: Array<() => Promise<void>>,
): StateContext {
  const { stack, rpc, publisher } = verification;
  const names = freshNames();
  verification.tap?.follow(names);
  return {
    names,
    stack,
    rpc,
    shared: new Map(),
    publish: (record) => required(publisher).publish(record),
    until: (label, look) => until(label, look),
    mint: (claims) => mintToken(stack.addressBook.oidc.mintUrl, claims),
    crossed: (eventType) =>
      required(verification.tap).first(
        eventType,
        names,
        ({ headers }) => headers['eventType'] === eventType,
      ),
    async cut(link) {
      requireLink(stack, link);
      const cut = await stack.links.cut(link);
      undo.push(() => cut.restore());
    },
    async slow(link, latencyMs) {
      requireLink(stack, link);
      const delay = await stack.links.delay(link, { latencyMs });
      undo.push(() => delay.restore());
    },
    defer: (step) => void undo.push(step),
  };
}

function requireLink(stack: Stack, link: string): void {
  try {
    stack.links.find(link);
  } catch (cause) {
    throw new Skipped(`${link} cannot be cut: ${(cause as Error).message}`, { cause });
  }
}

function required<T>(part: T | undefined): T {
  if (part === undefined) throw new Skipped('no broker runs with this provider');
  return part;
}
