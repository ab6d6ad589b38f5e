import { join } from 'node:path';
import { readJournal } from '../kernel/journal.ts';
import type { ProcessEvent } from '../kernel/process-event.ts';
import type { RecordEvent, Recorder, Witness } from './witness.ts';

/** How often the journal is read. */
const POLL_INTERVAL_MS = 250;

export const processes: Witness = {
  name: 'processes',
  sources: ['process'],
  settles: 'stream',
  start: async ({ book, record }) => startProcesses(book.runFolder, record),
};

/** Records what happens to the stack's processes from now on, from its supervisor's journal. */
function startProcesses(stackFolder: string, record: RecordEvent): Recorder {
  const file = join(stackFolder, 'processes.jsonl');
  let taken = readJournal(file).length;
  let events = 0;
  const read = () => {
    const journal = readJournal(file);
    for (const line of journal.slice(taken)) {
      const event = processSeen(line);
      if (event === undefined) continue;
      record(event);
      events++;
    }
    taken = journal.length;
  };
  const timer = setInterval(read, POLL_INTERVAL_MS);
  return {
    get events() {
      return events;
    },
    async settle() {
      read();
    },
    async close() {
      clearInterval(timer);
    },
  };
}

/** The history has a pause as the signal that it is. */
function processSeen(line: ProcessEvent): Parameters<RecordEvent>[0] | undefined {
  const about = { type: 'process', instance: line.id, pid: line.identity.pid } as const;
  switch (line.event) {
    case 'started':
    case 'ready':
      return { ...about, what: line.event };
    case 'paused':
      return { ...about, what: 'signalled', signal: 'SIGSTOP' };
    case 'resumed':
      return { ...about, what: 'signalled', signal: 'SIGCONT' };
    case 'signalled':
    case 'exited':
      return {
        ...about,
        what: line.event,
        ...(line.signal ? { signal: line.signal } : {}),
        ...(typeof line.code === 'number' ? { exitCode: line.code } : {}),
        ...(line.event === 'exited' && line.expected === false ? { unasked: true } : {}),
      };
  }
}
