/**
 * The programmatic way to a running stack: scenarios, recorders and benchmarks use this, and so
 * does the CLI. A stack belongs to a supervisor process; what is here only talks to it.
 */
import type { Toxiproxy } from 'toxiproxy-node-client';
import type { AddressBook, Infrastructure, ServiceName } from './address-book.ts';
import type { StackControl } from './control-client.ts';
import type { ProgressEvent } from './progress.ts';

export interface BootOptions {
  /** Boot a new stack even where one that would do is running. */
  readonly fresh?: boolean;
  /** Manifests of implementations to put in the place of reference services. */
  readonly subjects?: readonly string[];
  /** Absolute path of a `sagaproof.config.ts`; absent = the one in the working directory, if any. */
  readonly config?: string;
  /** Only these pieces and what they need; absent = the whole stack. */
  readonly only?: readonly (Infrastructure | ServiceName)[];
  /** True: the stack outlives this process (`up`). False: it goes down when this process ends. */
  readonly keep?: boolean;
  readonly onProgress?: (event: ProgressEvent) => void;
  readonly signal?: AbortSignal;
}

/** One proxied service ↔ dependency pair that can be cut and joined again. */
export interface LinkHandle {
  readonly name: string;
  disable(): Promise<void>;
  enable(): Promise<void>;
}

export interface Stack {
  readonly runFolder: string;
  readonly addressBook: AddressBook;
  /** True when this process booted it and it goes down with this process. */
  readonly owned: boolean;
  readonly control: StackControl;
  /** For toxics that a link handle has no method for. */
  readonly toxiproxy: Toxiproxy;
  /** @param name `<service>→<dependency>`; an unknown name is an error that lists the known ones. */
  link(name: string): LinkHandle;
  /** Re-reads the address book: instances come and go. */
  refresh(): Promise<AddressBook>;
  down(): Promise<void>;
}

// connectStack(options?): Promise<Stack>  — the stack that SAGAPROOF_RUN names, else the running
// one that fits, else a new one owned by the caller.
// bootStack(options?): Promise<Stack>     — reuses unless `fresh`.
