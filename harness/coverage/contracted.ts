import { codesIn, fieldPaths } from '../pacts/field-paths.ts';
import type { GrpcAnswer, GrpcRequest, Observed } from '../pacts/interaction.ts';
import type { LoadedPact, PactInteraction } from '../pacts/pact-file.ts';
import {
  ACCEPTED_MAX,
  grpcCode,
  grpcOperation,
  isClientMessage,
  recordOperation,
} from '../pacts/protocols.ts';
import type { SocketAnswer, SocketRequest } from '../pacts/socket-interaction.ts';
import { addHttp } from './contracted-http.ts';
import { type Edge, HANDSHAKE, Ledger } from './item.ts';
import { isServersClose } from './seen-in-history.ts';

type Json = Readonly<Record<string, unknown>>;

/** Everything in consumers' contracts. A field is asserted when an example has it. */
export function contractedIn(pacts: readonly LoadedPact[]): Ledger {
  const contracted = new Ledger();
  for (const { consumer, provider, interactions } of pacts) {
    for (const interaction of interactions) {
      addInteraction({ consumer, provider }, interaction, contracted);
    }
  }
  return contracted;
}

/**
 * Adds what the real provider did in an interaction: read as the contract is, with the observed
 * answer or message instead of the example, and without what the harness itself sent.
 */
export function addObserved(
  ends: Ends,
  interaction: PactInteraction,
  observed: Observed,
  to: Ledger,
): void {
  if ('answer' in observed) {
    const asked = contentOf(interaction['request']);
    const unsaid = { ...asked, message: {}, says: [] };
    const edge = { ...ends, protocol: String(asked['protocol']) };
    addExchange(edge, unsaid, observed.answer as Json, to);
  } else {
    const { contents, metadata = {} } = observed;
    const real = { ...interaction, contents: { content: contents }, metadata };
    addMessage({ ...ends, protocol: String(metadata['protocol']) }, real, to);
  }
}

/** Topics that a pact's consumer reads, by consumer. */
export function topicsRead(pacts: readonly LoadedPact[]): ReadonlyMap<string, ReadonlySet<string>> {
  const topics = new Map<string, Set<string>>();
  for (const { consumer, interactions } of pacts) {
    for (const interaction of interactions) {
      const { protocol, topic } = metadataOf(interaction);
      if (protocol !== 'kafka' || typeof topic !== 'string') continue;
      topics.set(consumer, (topics.get(consumer) ?? new Set()).add(topic));
    }
  }
  return topics;
}

type Ends = Pick<Edge, 'consumer' | 'provider'>;

function addInteraction(ends: Ends, interaction: PactInteraction, to: Ledger): void {
  if (interaction.type === 'Synchronous/HTTP') {
    addHttp(ends, interaction, to);
    return;
  }
  const isExchange = interaction.type === 'Synchronous/Messages';
  const request = contentOf(interaction['request']);
  const { protocol: named } = isExchange ? request : metadataOf(interaction);
  const protocol = String(named ?? '(none)');
  const edge = { ...ends, protocol };
  if (isExchange) {
    const [answer] = (interaction['response'] ?? []) as readonly unknown[];
    addExchange(edge, request, contentOf(answer), to);
  } else addMessage(edge, interaction, to);
}

function addExchange(edge: Edge, request: Json, answer: Json, to: Ledger): void {
  switch (edge.protocol) {
    case 'grpc':
      addCall(edge, request as unknown as GrpcRequest, answer as unknown as GrpcAnswer, to);
      break;
    case 'ws':
      addSocket(edge, request as unknown as SocketRequest, answer as unknown as SocketAnswer, to);
      break;
    default:
      // What is on an edge that nothing records is counted as not observed, field by field.
      to.operation(edge, OTHER_EXCHANGE);
      to.fields(edge, OTHER_EXCHANGE, fieldPaths(answer, 'answer'));
  }
}

const OTHER_EXCHANGE = '(an exchange)';

function addCall(edge: Edge, asked: GrpcRequest, answer: GrpcAnswer, to: Ledger): void {
  const operation = grpcOperation(asked.service, asked.method);
  to.operation(edge, operation);
  to.fields(edge, operation, fieldPaths(asked.message, 'request'));
  to.fields(edge, operation, fieldPaths(answer.message ?? {}, 'answer'));
  if (answer.status !== 'OK') to.error(edge, grpcCode(answer.status, answer.code));
}

function addSocket(edge: Edge, { says }: SocketRequest, answer: SocketAnswer, to: Ledger): void {
  to.operation(edge, HANDSHAKE);
  const said = says.flatMap((one) => ('json' in one ? [one.json] : [])).filter(isClientMessage);
  for (const message of [...said, ...(answer.frames ?? [])]) addFrame(edge, message, to);
  if (answer.status > ACCEPTED_MAX) to.error(edge, `HTTP ${answer.status}`);
  const { closeCode } = answer;
  if (closeCode !== undefined && isServersClose(closeCode)) to.error(edge, `close ${closeCode}`);
}

function addFrame(edge: Edge, message: Json, to: Ledger): void {
  const operation = String(message['type']);
  to.operation(edge, operation);
  to.fields(edge, operation, fieldPaths(message));
  for (const code of codesIn(message)) to.error(edge, code);
}

const EVENT_TYPE = 'eventType';
const NO_TYPE = '(no eventType)';

function addMessage(edge: Edge, interaction: PactInteraction, to: Ledger): void {
  const contents = contentOf(interaction);
  if (edge.protocol === 'ws') {
    addFrame(edge, contents, to);
    return;
  }
  const metadata = metadataOf(interaction);
  const operation = recordOperation(
    String(metadata['topic'] ?? edge.protocol),
    String(metadata[`header.${EVENT_TYPE}`] ?? metadata[`header:${EVENT_TYPE}`] ?? NO_TYPE),
  );
  to.operation(edge, operation);
  to.fields(edge, operation, fieldPaths(contents));
  for (const name of Object.keys(metadata)) {
    // Pact reads a dot as a path, so a header's name may come after a colon as well.
    const field = name.replace(/^header:/, 'header.');
    if (field === 'key' || field.startsWith('header.')) to.field(edge, operation, field);
  }
  for (const code of codesIn(contents)) to.error(edge, code);
}

const contentOf = (part: unknown): Json => {
  const { contents } = (part ?? {}) as { readonly contents?: { readonly content?: unknown } };
  return (contents?.content ?? {}) as Json;
};

const metadataOf = (interaction: PactInteraction): Json => (interaction['metadata'] ?? {}) as Json;
