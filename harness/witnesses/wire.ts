import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { SHARD_FOLDER } from '../history/shard.ts';
import { runsFolder } from '../kernel/run-folder.ts';
import { openWireChannel } from '../links/wire-channel.ts';
import { IncompleteSource, type Witness } from './witness.ts';

/**
 * Has the wire proxy of the stack write the operations of every link that it decodes into a shard
 * of this run. A stack without one records none.
 */
export const wire: Witness = {
  name: 'wire',
  sources: ['wire'],
  settles: 'snapshot',
  async start({ book, run }) {
    if (!book.wire) return undefined;
    const channel = await openWireChannel(book.wire.socket);
    const file = join(runsFolder(), run, SHARD_FOLDER, `wire-${uuidv7()}.jsonl`);
    await channel.ask('record', { file });
    let events = 0;
    return {
      get events() {
        return events;
      },
      async settle() {
        const { operations, lost } = await channel.ask('stop', {});
        events = operations;
        if (lost > 0) throw new IncompleteSource(`${lost} operations were too many to record`);
      },
      async close() {
        await channel[Symbol.asyncDispose]();
      },
    };
  },
};
