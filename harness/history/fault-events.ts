import { z } from 'zod';
import { attributes, eventKind } from './event-kind.ts';

/** Events of the links between services and what they depend on, and of the faults on them. */

export const WIRE_PROTOCOLS = [
  'http',
  'grpc',
  'kafka',
  'redis',
  'postgres',
  'mongodb',
  'websocket',
  'smtp',
] as const;

/** One operation that passed a link, as the wire proxy decoded it. */
export const WireOperation = eventKind('wire-operation', {
  operation: z.string().describe('Unique in the run; a fault that lands names it.'),
  link: z.string().describe('<service>→<dependency>, such as `inventory→kafka`.'),
  protocol: z.enum(WIRE_PROTOCOLS),
  name: z.string().describe('Such as `kafka.produce`, `pg.commit` or `redis.hset`.'),
  direction: z
    .enum(['outgoing', 'incoming'])
    .describe('`outgoing`: the service began it. `incoming`: the dependency did (a push).'),
  outcome: z
    .enum(['ok', 'error', 'unanswered', 'one-way'])
    .describe(
      '`error`: answered with an error of the protocol. `unanswered`: the connection or the run ' +
        'ended first. `one-way`: the protocol has no answer to it.',
    ),
  startMs: z.number().describe('When the proxy had read the whole request.'),
  endMs: z.number().describe('When it had forwarded the answer, or stopped waiting for it.'),
  attributes: attributes.describe('What the decoder read, such as topic, key or group.'),
  connection: z.string().exactOptional(),
  traceId: z.string().exactOptional(),
  error: z.string().exactOptional().describe('With `error` or `unanswered`: code or cause.'),
});

/**
 * The life of one injected fault: `armed`, then `landed` for each operation or process that it
 * hit, then `lifted`. A fault that never landed proves nothing.
 */
export const FaultChanged = eventKind('fault', {
  fault: z.string().describe('Identifies this fault; unique in the run.'),
  name: z.string().describe('Which fault, such as `latency` or `kill`.'),
  what: z.enum(['armed', 'landed', 'lifted']),
  target: z.string().describe('The link or the instance, such as `inventory→kafka`.'),
  seed: z.string().describe('Decides what the fault leaves to chance.'),
  scenario: z.string().exactOptional(),
  parameters: attributes.exactOptional(),
  operation: z
    .string()
    .exactOptional()
    .describe('With `landed`: the wire operation that it hit, if one was decoded.'),
  operationName: z.string().exactOptional(),
  evidence: z.string().exactOptional().describe('With `landed`: what was observed.'),
  reason: z.string().exactOptional().describe('With `lifted`: why, if not by request.'),
});
