import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { PROCESS_EVENTS, type ProcessEvent } from './process-event.ts';

export interface ProcessJournal {
  append(event: Omit<ProcessEvent, 'at'>): void;
}

/**
 * Appends synchronously: the line is written before anything can depend on the process. A line
 * that was cut does not damage the next one.
 */
export function openJournal(file: string): ProcessJournal {
  let torn = false;
  return {
    append(event) {
      const line = `${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`;
      try {
        appendFileSync(file, torn ? `\n${line}` : line);
        torn = false;
      } catch (error) {
        torn = true;
        throw error;
      }
    },
  };
}

/**
 * Reads the recorded events. Other lines are ignored: a crash cuts the last line, and a damaged
 * file must not stop later runs from cleaning up.
 */
export function readJournal(file: string): ProcessEvent[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): ProcessEvent | undefined {
  try {
    const event = JSON.parse(line) as ProcessEvent;
    const known = PROCESS_EVENTS.includes(event.event) && typeof event.identity?.pid === 'number';
    return known ? event : undefined;
  } catch {
    return undefined;
  }
}

/** Processes whose start was recorded and whose end was not, the last started first. */
export function unfinished(events: readonly ProcessEvent[]): ProcessEvent[] {
  const open = new Map<string, ProcessEvent>();
  const key = (e: ProcessEvent) => `${e.identity.pid}/${e.identity.startTime}/${e.identity.bootId}`;
  for (const event of events) {
    if (event.event === 'started') open.set(key(event), event);
    if (event.event === 'exited') open.delete(key(event));
  }
  return [...open.values()].reverse();
}
