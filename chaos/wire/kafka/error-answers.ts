/** Answers of Kafka that are errors, for the requests whose answer is simple to make. */
import { FETCH, OFFSET_COMMIT, PRODUCE } from './apis.ts';
import { errorCode } from './errors.ts';
import { FieldWriter } from './fields.ts';
import type { PartitionOf, Request } from './requests.ts';

/** @returns undefined for a code that is none of Kafka's, and where no such answer can be made */
export function errorAnswer(request: Request, name: string): Buffer | undefined {
  const code = errorCode(name);
  if (code === undefined) return undefined;
  const body = new FieldWriter(request.flexible);
  if (!writeBody(body, request, code)) return undefined;
  const head = new FieldWriter(request.flexible).int32(request.correlation).tags();
  const answer = Buffer.concat([head.bytes, body.bytes]);
  return Buffer.concat([new FieldWriter(false).int32(answer.length).bytes, answer]);
}

function writeBody(body: FieldWriter, request: Request, code: number): boolean {
  const { version, partitions = [] } = request;
  switch (request.key) {
    case PRODUCE:
      writeTopics(body, request, partitions, () => {
        body.int16(code).int64(-1);
        if (version >= 2) body.int64(-1);
        if (version >= 5) body.int64(-1);
        if (version >= 8) body.length(0).text(undefined);
      });
      if (version >= 1) body.int32(0);
      body.tags();
      return true;
    case OFFSET_COMMIT:
      if (version >= 3) body.int32(0);
      writeTopics(body, request, partitions, () => body.int16(code));
      body.tags();
      return true;
    case FETCH:
      if (version < 7) return false;
      body.int32(0).int16(code).int32(0).length(0).tags();
      return true;
    default:
      return writePlain(body, request, code);
  }
}

/** Partitions of one topic follow each other, as in the request. */
function writeTopics(
  body: FieldWriter,
  { key, version }: Request,
  partitions: readonly PartitionOf[],
  write: () => void,
): void {
  const topics = Map.groupBy(partitions, ({ topic }) => topic);
  body.length(topics.size);
  const byId = key === PRODUCE ? version >= 13 : version >= 10;
  for (const [topic, own] of topics) {
    if (byId) body.raw(Buffer.from(own[0]?.topicId ?? '', 'hex'));
    else body.text(topic);
    body.length(own.length);
    for (const { partition } of own) {
      body.int32(partition);
      write();
      body.tags();
    }
    body.tags();
  }
}

function writePlain(body: FieldWriter, { api, version }: Request, code: number): boolean {
  const { error } = api;
  if (error === undefined || version > (error.until ?? version)) return false;
  if (version >= error.throttleFrom) body.int32(0);
  body.int16(code);
  switch (api.name) {
    case 'heartbeat':
    case 'end-txn':
    case 'add-offsets-to-txn':
      break;
    case 'leave-group':
      if (version >= 3) body.length(0);
      break;
    case 'sync-group':
      if (version >= 5) body.text(undefined).text(undefined);
      body.blob(Buffer.alloc(0));
      break;
    case 'join-group':
      body.int32(-1);
      if (version >= 7) body.text(undefined);
      if (version >= 7) body.text(undefined);
      else body.text('');
      body.text('');
      if (version >= 9) body.int8(0);
      body.text('').length(0);
      break;
    case 'init-producer-id':
      body.int64(-1).int16(-1);
      break;
    case 'find-coordinator':
      if (version >= 1) body.text(undefined);
      body.int32(-1).text('').int32(-1);
      break;
    default:
      return false;
  }
  body.tags();
  return true;
}
