import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Calls back for each line that arrives, until the socket closes; its errors end it silently. */
export function onLine(socket: Socket, then: (line: string) => void): void {
  const lines = createInterface({ input: socket });
  lines.on('line', then);
  // Node passes errors of the input on.
  lines.on('error', () => undefined);
  socket.on('error', () => undefined);
}
