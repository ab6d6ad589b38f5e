import { setTimeout as pause } from 'node:timers/promises';
import type { Frame, RecordedSocket } from '../../harness/clients/socket.ts';
import type { User } from '../../harness/scenario/user.ts';
import type { World } from '../../harness/scenario/world.ts';
import type { Stack } from '../../harness/testbed/stack.ts';

/** How long a client tries to get a socket while a node is away. */
const REOPEN_WITHIN_MS = 30_000;
const REOPEN_INTERVAL_MS = 100;
/** Far from the limit of messages of a socket. */
const SUBSCRIBE_INTERVAL_MS = 250;
const TERMINAL = new Set(['SUCCEEDED', 'FAILED']);

/** Opens the first socket of a user's client, on a node that the seed decides. */
export async function openFollower(
  { world, stack }: { readonly world: World; readonly stack: Pick<Stack, 'addressBook'> },
  user: User,
): Promise<Follower> {
  const nodes = stack.addressBook.services['websocket']?.instances.length ?? 1;
  const follower = new Follower(user, { nodes, first: world.random.integer(0, nodes - 1) });
  await follower.open();
  return follower;
}

/** A client that follows a job at level detail, and resumes on any node when its socket is lost. */
export class Follower {
  readonly #user: User;
  readonly #nodes: number;
  readonly #frames: Frame[] = [];
  #socket: RecordedSocket | undefined;
  #jobId: string | undefined;
  #node: number;
  /** How often it had to resume. */
  resumed = 0;

  constructor(user: User, { nodes, first }: { readonly nodes: number; readonly first: number }) {
    this.#user = user;
    this.#nodes = nodes;
    this.#node = first;
  }

  /** The updates of the job, in the order in which they came. */
  get updates(): readonly Frame[] {
    const jobId = this.#jobId ?? '';
    const current = this.#socket?.updates(jobId) ?? [];
    return [...this.#frames, ...current];
  }

  /** Opens the first socket, before there is a job. */
  async open(): Promise<void> {
    this.#socket = await this.#opened();
  }

  /** Follows a job from its first update on; what was followed before is over. */
  async follow(jobId: string): Promise<void> {
    this.#frames.length = 0;
    this.#jobId = jobId;
    const socket = this.#socket;
    if (socket === undefined) throw new Error('no socket was opened');
    if (!(await subscribed(socket, jobId, 0))) await this.#resume();
  }

  /** Waits for an update, also among those that came already. */
  async waitFor(
    label: string,
    matches: (frame: Frame) => boolean,
    deadlineMs: number,
  ): Promise<Frame> {
    const endMs = performance.now() + deadlineMs;
    for (;;) {
      const found = this.#frames.find(matches);
      if (found !== undefined) return found;
      const socket = this.#socket;
      if (socket === undefined) throw new Error('no socket was opened');
      try {
        const isIt = (frame: Frame) =>
          frame.type === 'update' && frame.jobId === this.#jobId && matches(frame);
        return await socket.waitFor(label, isIt, Math.max(1, Math.ceil(endMs - performance.now())));
      } catch (error) {
        if (socket.closeCode === undefined || performance.now() > endMs) throw error;
        await this.#resume();
      }
    }
  }

  /** Waits for the job's end. */
  terminal(deadlineMs: number): Promise<Frame> {
    return this.waitFor(
      `the terminal update of job ${this.#jobId}`,
      ({ kind = '' }) => TERMINAL.has(kind),
      deadlineMs,
    );
  }

  /** Waits until the step is seen to have timed out: it failed, or is tried again. */
  async timeOutOf(step: string, deadlineMs: number): Promise<void> {
    const isIt = (frame: Frame) =>
      frame.step === step && (frame.kind === 'STEP_FAILED' || frame.kind === 'STEP_RETRIED');
    await this.waitFor(`the time-out of ${step}`, isIt, deadlineMs);
  }

  /** After the last sequence that was seen, on the next node. */
  async #resume(): Promise<void> {
    const jobId = this.#jobId;
    if (jobId === undefined) throw new Error('the socket was closed before there was a job');
    for (;;) {
      this.#frames.push(...(this.#socket?.updates(jobId) ?? []));
      this.#node = (this.#node + 1) % this.#nodes;
      const socket = await this.#opened();
      this.#socket = socket;
      this.resumed += 1;
      const last = this.#frames.at(-1)?.sequence ?? 0;
      if (await subscribed(socket, jobId, last)) return;
    }
  }

  async #opened(): Promise<RecordedSocket> {
    const endMs = performance.now() + REOPEN_WITHIN_MS;
    for (;;) {
      try {
        return await this.#user.socket({ node: this.#node });
      } catch (error) {
        if (performance.now() > endMs) throw error;
      }
      await pause(REOPEN_INTERVAL_MS);
      this.#node = (this.#node + 1) % this.#nodes;
    }
  }
}

/** Answers by which a node asks for another try. */
const TRY_AGAIN: ReadonlySet<unknown> = new Set(['unavailable', 'rate-limited']);

/**
 * Subscribes to a job after a sequence number, as often as the node asks for another try.
 *
 * @returns false if the socket was closed meanwhile
 */
async function subscribed(socket: RecordedSocket, jobId: string, last: number): Promise<boolean> {
  const endMs = performance.now() + REOPEN_WITHIN_MS;
  try {
    for (;;) {
      const answer = await (last === 0
        ? socket.subscribe({ jobId, level: 'detail' })
        : socket.resume({ [jobId]: last }, 'detail'));
      if (answer.type !== 'error') return true;
      if (!TRY_AGAIN.has(answer.code) || performance.now() > endMs) {
        throw new Error(`the subscription to job ${jobId} was refused: ${answer.code}`);
      }
      await pause(SUBSCRIBE_INTERVAL_MS);
    }
  } catch (error) {
    if (socket.closeCode === undefined) throw error;
    return false;
  }
}
