/** Answers that the proxy gives in place of a server. */
import { GRPC_STATUSES } from '../../../harness/kernel/grpc-statuses.ts';
import type { Operation } from '../protocol.ts';
import { FrameType, frame, headersFrames } from './frames.ts';
import type { Stream } from './stream.ts';

const FIRST_HEADERS = [
  [':status', '200'],
  ['content-type', 'application/grpc+proto'],
] as const;

/** Frames for the client: a message of the service where the call goes on, else a status. */
export function errorAnswerOn(
  stream: Stream,
  operation: Operation,
  code: string,
): Buffer | undefined {
  const message = stream.call?.errorMessage?.(operation, code);
  const status = (GRPC_STATUSES as readonly string[]).indexOf(code);
  if (message === undefined && status <= 0) return undefined;
  stream.answeredByProxy.add(operation.id);
  if (message) return Buffer.concat([missingHeaders(stream), dataFrame(stream, message)]);
  stream.isEndedByProxy = true;
  return headersFrames({
    stream: stream.id,
    fields: [
      ...(stream.hasHeaders ? [] : FIRST_HEADERS),
      ['grpc-status', String(status)],
      ['grpc-message', `the wire proxy answered with ${code}`],
    ],
    endsStream: true,
  });
}

function missingHeaders(stream: Stream): Buffer {
  if (stream.hasHeaders) return Buffer.alloc(0);
  stream.hasHeaders = true;
  return headersFrames({ stream: stream.id, fields: FIRST_HEADERS, endsStream: false });
}

function dataFrame(stream: Stream, message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return frame(FrameType.data, 0, stream.id, Buffer.concat([prefix, message]));
}
