import { EventStoreDBClient } from '@eventstore/db-client';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import {
  collect,
  type GetTarget,
  identifier,
  numbered,
  numbersOf,
  positionOf,
  uniqueStream,
  within,
} from './target.ts';

const empty = () => new sharedPb.Empty();

interface ReadOutcome {
  readonly messages: readonly streamsPb.ReadResp[];
  readonly code: status;
}

async function read(target: GetTarget, options: streamsPb.ReadReq.Options): Promise<ReadOutcome> {
  const call = target().raw.read(new streamsPb.ReadReq().setOptions(options));
  const messages: streamsPb.ReadResp[] = [];
  call.on('data', (message: streamsPb.ReadResp) => messages.push(message));
  call.on('error', () => undefined);
  const ended = new Promise<status>((resolve) => {
    call.on('status', ({ code }) => resolve(code));
  });
  return { messages, code: await within('the read ends', ended) };
}

function streamOptions(stream: string): streamsPb.ReadReq.Options {
  return new streamsPb.ReadReq.Options()
    .setStream(
      new streamsPb.ReadReq.Options.StreamOptions()
        .setStreamIdentifier(identifier(stream))
        .setStart(empty()),
    )
    .setCount('10')
    .setNoFilter(empty())
    .setUuidOption(new streamsPb.ReadReq.Options.UUIDOption().setString(empty()));
}

/** What the official client never asks for, and other clients do. */
export function wireContract(target: GetTarget): void {
  reads(target);
  appends(target);

  it('is found by a client that discovers its node by gossip', async () => {
    const url = target().connectionString.replace(/^esdb:/, 'esdb+discover:');
    const client = EventStoreDBClient.connectionString(url);
    const result = await client.appendToStream(uniqueStream('discovered'), numbered(1));
    expect(result.success).toBe(true);
    await client.dispose();
  });
}

function reads(target: GetTarget): void {
  it('gives ids as two numbers when asked to, and they are the same id', async () => {
    const stream = uniqueStream('structured');
    const [event] = numbered(1);
    if (event === undefined) throw new Error('One event was asked for.');
    await target().client.appendToStream(stream, event);
    const uuidOption = new streamsPb.ReadReq.Options.UUIDOption().setStructured(empty());
    const { messages } = await read(target, streamOptions(stream).setUuidOption(uuidOption));
    const id = messages[0]?.getEvent()?.getEvent()?.getId()?.getStructured();
    const hex = [id?.getMostSignificantBits(), id?.getLeastSignificantBits()]
      .map((bits) =>
        BigInt.asUintN(64, BigInt(bits ?? 0))
          .toString(16)
          .padStart(16, '0'),
      )
      .join('');
    expect(hex).toBe(event.id.replaceAll('-', ''));
  });

  it('answers a missing stream with a message and OK', async () => {
    const { messages, code } = await read(target, streamOptions(uniqueStream('absent')));
    expect(code).toBe(status.OK);
    expect(messages.map((message) => message.hasStreamNotFound())).toEqual([true]);
  });

  it('refuses a read without a uuid option, and a checkpoint interval of 0', async () => {
    const withoutUuid = streamOptions(uniqueStream('bad'));
    withoutUuid.clearUuidOption();
    expect((await read(target, withoutUuid)).code).not.toBe(status.OK);
    const filter = new streamsPb.ReadReq.Options.FilterOptions()
      .setEventType(new streamsPb.ReadReq.Options.FilterOptions.Expression().setRegex('.'))
      .setCount(empty())
      .setCheckpointintervalmultiplier(0);
    const all = new streamsPb.ReadReq.Options.AllOptions().setStart(empty());
    const options = streamOptions('').setAll(all).setFilter(filter);
    options.setSubscription(new streamsPb.ReadReq.Options.SubscriptionOptions());
    expect((await read(target, options)).code).not.toBe(status.OK);
  });

  it('filters a read of $all, counting only what passes', async () => {
    const { client } = target();
    const [mine, other] = [uniqueStream('filtered'), uniqueStream('other')];
    const start = positionOf(await client.appendToStream(other, numbered(1)));
    for (const first of [0, 1, 2]) {
      await client.appendToStream(other, numbered(3, { first: 50 }));
      await client.appendToStream(mine, numbered(1, { first }));
    }
    const expression = new streamsPb.ReadReq.Options.FilterOptions.Expression();
    expression.setPrefixList([mine]);
    const filter = new streamsPb.ReadReq.Options.FilterOptions()
      .setStreamIdentifier(expression)
      .setCount(empty())
      .setCheckpointintervalmultiplier(1);
    const position = new streamsPb.ReadReq.Options.Position()
      .setCommitPosition(`${start.commit}`)
      .setPreparePosition(`${start.prepare}`);
    const options = streamOptions('')
      .setAll(new streamsPb.ReadReq.Options.AllOptions().setPosition(position))
      .setFilter(filter)
      .setCount('2');
    const { messages, code } = await read(target, options);
    expect(code).toBe(status.OK);
    const revisions = messages.map((message) =>
      message.getEvent()?.getEvent()?.getStreamRevision(),
    );
    expect(revisions).toEqual(['0', '1']);
  });
}

function appends(target: GetTarget): void {
  it('refuses a classic append of an event without a type, and writes none of it', async () => {
    const stream = uniqueStream('typeless');
    const failed = Promise.withResolvers<unknown>();
    const call = target().raw.append((error, answer) => failed.resolve(error ?? answer));
    call.on('error', () => undefined);
    const options = new streamsPb.AppendReq.Options()
      .setStreamIdentifier(identifier(stream))
      .setAny(empty());
    call.write(new streamsPb.AppendReq().setOptions(options));
    const message = new streamsPb.AppendReq.ProposedMessage().setId(
      new sharedPb.UUID().setString('00000000-0000-4000-8000-000000000001'),
    );
    message.getMetadataMap().set('content-type', 'application/json');
    call.write(new streamsPb.AppendReq().setProposedMessage(message));
    call.end();
    const error = (await within('the append fails', failed.promise)) as {
      code: status;
      metadata: { get(key: string): unknown[] };
    };
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.metadata.get('exception')).toEqual(['missing-required-metadata-property']);
    expect(error.metadata.get('required-metadata-properties')).toEqual(['type,content-type']);
    await target().client.appendToStream(stream, numbered(1));
    expect(numbersOf(await collect(target().client.readStream(stream)))).toEqual([0]);
  });
}
