import { request } from 'node:http';
import type { AddressBook } from '../kernel/address-book.ts';

/** A page of metrics has less. */
const BODY_BYTES_MAX = 1_048_576;

/** An instance with a port `admin`. */
export interface AdminPort {
  readonly instance: string;
  readonly host: string;
  readonly port: number;
}

/** Instances that can be asked how they are; a subject need not have the port. */
export const adminPorts = (book: AddressBook): AdminPort[] =>
  Object.values(book.services)
    .flatMap(({ instances }) => instances)
    .flatMap(({ id, host, ports }) =>
      ports['admin'] === undefined ? [] : [{ instance: id, host, port: ports['admin'] }],
    );

export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Gets a page of an instance, on a connection of its own: one that is kept would be counted among
 * the instance's sockets, and may be closed at any moment. Rejects when no answer comes in time.
 */
export const askAdmin = (at: AdminPort, path: string, deadlineMs: number): Promise<AdminAnswer> =>
  new Promise((resolve, reject) => {
    const { host, port } = at;
    const signal = AbortSignal.timeout(deadlineMs);
    const asked = request({ host, port, path, agent: false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > BODY_BYTES_MAX) response.destroy(new Error('the answer is too long'));
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
      response.on('aborted', () => reject(new Error('the answer was cut')));
    });
    asked.on('error', reject);
    asked.end();
  });
