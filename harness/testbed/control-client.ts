import type { InstanceAddress } from './address-book.ts';
import type { ProgressEvent } from './progress.ts';

export interface ResourceStatus {
  readonly name: string;
  readonly kind: 'infrastructure' | 'service';
  readonly state: 'pending' | 'starting' | 'ready' | 'failed' | 'paused' | 'exited' | 'stopped';
  readonly pid?: number;
  /** Answer of the resource's own health check, when one was asked for. */
  readonly healthy?: boolean;
  readonly detail?: string;
}

export interface StackStatus {
  readonly runId: string;
  readonly state: 'booting' | 'ready' | 'failed' | 'stopping';
  readonly fingerprint: string;
  readonly owned: boolean;
  readonly resources: readonly ResourceStatus[];
}

/** The signals that scenarios and faults send. */
export type StackSignal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' | 'SIGINT';

/**
 * Orders to the supervisor of a running stack. `id` is an instance (`order-1`) or a piece of
 * infrastructure (`kafka`); an unknown one is an error that lists the known ones.
 */
export interface StackControl {
  status(options?: { readonly health?: boolean }): Promise<StackStatus>;
  /** Sends the signal and, for one that ends a process, waits until it has ended. */
  killInstance(id: string, signal?: StackSignal): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** SIGTERM, then SIGKILL after its grace; resolves with how it ended. */
  stopInstance(
    id: string,
  ): Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Starts it again on the same ports (ending it first if it runs); resolves when ready. */
  restartInstance(id: string): Promise<InstanceAddress>;
  /** One more instance of a service, `<service>-<next n>`; resolves when ready. */
  startInstance(service: string): Promise<InstanceAddress>;
  /** Progress from the beginning of the stack, then live until the signal aborts. */
  events(signal?: AbortSignal): AsyncIterable<ProgressEvent>;
  down(): Promise<void>;
}
