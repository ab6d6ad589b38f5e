/** Runs one process of a stack, or knows where the user runs it. One folder for each kind. */

/** Where something listens, as other processes of the stack reach it. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Resolves once what was started can be used. */
export type Ready = (signal: AbortSignal) => Promise<void>;

export interface ProvidedProcess {
  readonly pid: number;
  /** How it ended, once it has. */
  readonly exit: Exit | undefined;
}

export interface Provider {
  /**
   * `native`: a child process. `address`: the user runs it; only its answers matter. `container`
   * will be a third kind in a folder of its own.
   */
  readonly kind: 'native' | 'address';
  /** As shown in the address book. */
  readonly version: string;
  /** Where it is asked whether it is ready. */
  readonly address: HostPort;
  /** Starts it and waits for `ready`; rejects at once when it ends before that. */
  start(ready: Ready, signal: AbortSignal): Promise<void>;
  /**
   * Stops it if it runs and starts it again at the same address, with the same data.
   *
   * @param env replaces values of its environment, for this start only
   */
  restart(ready: Ready, signal: AbortSignal, env?: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Asks it to end, then ends it; how it ended, or undefined when it never ran.
   *
   * @param options.final the stack ends: its data goes too, so it needs no time to save any
   */
  stop(options?: { readonly final?: boolean }): Promise<Exit | undefined>;
  /** Sends a signal; for SIGKILL, resolves once the process has ended. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** The process that was started last; undefined where there is none to control. */
  process(): ProvidedProcess | undefined;
  /** The last lines of its log, for a failure message. */
  logs(): string;
}

/** `exited with code 1` or `was ended by SIGKILL`. */
export function describeExit(exit: Exit): string {
  return exit.signal ? `was ended by ${exit.signal}` : `exited with code ${exit.code}`;
}
