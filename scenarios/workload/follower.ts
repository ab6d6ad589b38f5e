import type { Frame, Level, RecordedSocket } from '../../harness/clients/socket.ts';
import type { User } from '../../harness/scenario/user.ts';

const NODES = 2;

/**
 * A client that subscribes to each job by its id, loses its connection, and resumes on the next
 * node after the last update of each job that it saw.
 */
export class Follower {
  readonly level: Level;
  readonly #user: User;
  readonly #sockets: RecordedSocket[] = [];
  readonly #jobs: string[] = [];
  #node: number;

  constructor(user: User, level: Level, node: number) {
    this.#user = user;
    this.level = level;
    this.#node = node;
  }

  async open(): Promise<void> {
    this.#sockets.push(await this.#user.socket({ node: this.#node }));
  }

  async follow(jobId: string): Promise<void> {
    const answer = await this.#socket.subscribe({ jobId, level: this.level });
    if (answer.type !== 'subscribed') throw new Error(`subscribe: ${JSON.stringify(answer)}`);
    this.#jobs.push(jobId);
  }

  /** Cuts the connection when so many updates of a job have come, or its last one. */
  async cutAfter(jobId: string, updates: number): Promise<void> {
    const isLast = ({ kind }: Frame) => kind === 'SUCCEEDED' || kind === 'FAILED';
    await this.#socket.waitFor(
      `${updates} updates of job ${jobId}`,
      () => this.updates(jobId).length >= updates || this.updates(jobId).some(isLast),
    );
    await this.#socket.cut();
    this.#node = (this.#node + 1) % NODES;
    await this.open();
    const positions = Object.fromEntries(
      this.#jobs.map((job) => [job, this.updates(job).at(-1)?.sequence ?? 0]),
    );
    await this.#socket.resume(positions, this.level);
  }

  /** Waits for the outcome of a job. */
  async ended(jobId: string): Promise<void> {
    const isLast = ({ kind }: Frame) => kind === 'SUCCEEDED' || kind === 'FAILED';
    if (!this.updates(jobId).some(isLast)) await this.#socket.terminal(jobId);
  }

  /** Updates of a job over all connections. */
  updates(jobId: string): Frame[] {
    return this.#sockets.flatMap((socket) => socket.updates(jobId));
  }

  get frames(): Frame[] {
    return this.#sockets.flatMap((socket) => socket.frames);
  }

  get #socket(): RecordedSocket {
    const socket = this.#sockets.at(-1);
    if (socket === undefined) throw new Error('the follower is not open');
    return socket;
  }
}
