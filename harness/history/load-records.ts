/**
 * The binary layout of what a load generator records: `shards/*.load`. A frame that a fan-out
 * brings to many sockets is kept once, and an event is 18 bytes: at 20,000 frames a second neither
 * a line of JSON for each nor a write for each is affordable. The merge turns every record into the
 * line of `history.jsonl` that any other recorder would have written.
 */

export const LOAD_SHARD = '.load';
export const MAGIC = Buffer.from('SGLOAD1\n', 'latin1');

/** What a record is, in its first byte. */
export const RECORD = { socket: 1, body: 2, event: 3, line: 4 } as const;

/** Steps of a socket's life, by their number in a record. */
export const SOCKET_STEPS = ['open', 'sent', 'frame', 'closed', 'refused'] as const;
export type SocketStep = (typeof SOCKET_STEPS)[number];

/** Bodies are kept in a ring of so many: an event names the place of its body in it. */
export const BODIES_KEPT = 4_096;

/** Which socket it is, as `ws` events say it. */
export interface SocketName {
  readonly socket: string;
  readonly scenario: string;
  readonly userId: string;
  readonly node: string;
}

/** The fixed part of each record: its kind, then numbers in little-endian order. */
export const HEADER_BYTES = {
  /** kind, socket u32, length u32 */
  [RECORD.socket]: 9,
  /** kind, length u32 */
  [RECORD.body]: 5,
  /** kind, atMs f64, socket u32, step u8, argument u32 */
  [RECORD.event]: 18,
  /** kind, atMs f64, length u32 */
  [RECORD.line]: 13,
} as const;

/** Nothing that is recorded comes near this: a longer record is none. */
export const RECORD_BYTES_MAX = 16 << 20;

/** Whether a step's argument is the place of a body in the ring. */
export const hasBody = (step: SocketStep): boolean => step === 'sent' || step === 'frame';

/** The argument's name in the event, where it is a number. */
export const ARGUMENT: Readonly<Partial<Record<SocketStep, string>>> = {
  closed: 'closeCode',
  refused: 'status',
};
