/**
 * The API of a running stack, for scenarios, recorders, benchmarks and the CLI. A supervisor
 * process owns the stack; this module only talks to it.
 */
import { join } from 'node:path';
import { parseAll } from '../documents/parse-all.ts';
import type { AddressBook, Infrastructure, ServiceName } from '../kernel/address-book.ts';
import { orDiskFull } from '../kernel/disk-space.ts';
import { readJournal } from '../kernel/journal.ts';
import { PACKAGE_ROOT } from '../kernel/package-assets.ts';
import { listRuns, type RunPaths, runsFolder } from '../kernel/run-folder.ts';
import { type LinkControl, linkControl } from '../links/link-control.ts';
import type { Installation, JvmServer } from '../provision/installation.ts';
import { locateInstallation } from '../provision/provision.ts';
import { replacedComponents } from './config.ts';
import { createControl, type StackControl } from './control-client.ts';
import { endStack } from './end.ts';
import { fingerprint } from './fingerprint.ts';
import { launchSupervisor, waitUntilReady } from './launch.ts';
import { isSupervised, type SweptRun, sweepOrphans } from './orphans.ts';
import type { ProgressEvent } from './progress.ts';
import { buildSubjects } from './services/build.ts';
import { checkPlaceholders } from './services/check-placeholders.ts';
import { loadManifest } from './services/manifest.ts';
import { readSpec, type StackSpec } from './spec.ts';
import { readInput, type StackInput } from './stack-input.ts';

export interface BootOptions {
  /** Boot a new stack even if a compatible one is already running. */
  readonly fresh?: boolean;
  /** Manifests of implementations to put in the place of reference services. */
  readonly subjects?: readonly string[];
  /** Path of a `sagaproof.config.ts`; absent = the one in the working directory, if any. */
  readonly config?: string;
  /**
   * Only these components and what they need; absent = the whole stack. The address book then
   * lacks the others.
   */
  readonly only?: readonly (Infrastructure | ServiceName)[];
  /**
   * What benchmarks compare with: one part after another, JVM servers with default flags, services
   * from their sources without a compile cache.
   */
  readonly untuned?: boolean;
  /** Links whose protocol it decodes go through the wire proxy, too: see chaos/wire. */
  readonly wire?: boolean;
  /** A stack that is already running is used with or without a wire proxy. */
  readonly eitherWire?: boolean;
  /** True: the stack outlives this process (`up`). False: it goes down when this process ends. */
  readonly keep?: boolean;
  /** Where the servers are; absent = found in the cache (which has to be provisioned). */
  readonly installation?: Installation;
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Called with each killed run whose leftovers were ended. */
  readonly onSwept?: (swept: SweptRun) => void;
  readonly signal?: AbortSignal;
}

export interface Stack extends AsyncDisposable {
  readonly runFolder: string;
  readonly addressBook: AddressBook;
  /** True when this process booted it and it goes down with this process. */
  readonly owned: boolean;
  /** True when it was running before this process asked for it. */
  readonly reused: boolean;
  readonly control: StackControl;
  readonly links: LinkControl;
  /** Re-reads the address book: instances come and go. */
  refresh(): Promise<AddressBook>;
  down(): Promise<void>;
}

/** Uses a running stack of the same code, configuration and manifests, or boots one. */
export async function bootStack({ subjects = [], ...options }: BootOptions = {}): Promise<Stack> {
  const manifests = subjects.map((path) => loadManifest(path));
  return bootInput(await readInput({ ...options, subjects: manifests }), options);
}

/** As {@link bootStack}, with the user's files read already. */
export async function bootInput(
  input: StackInput,
  options: Omit<BootOptions, 'subjects' | 'config'>,
): Promise<Stack> {
  for (const swept of await sweepOrphans()) options.onSwept?.(swept);
  const order = await orderOf(input, options);
  if (!options.fresh) {
    const other = options.eitherWire ? withOtherWire(order) : undefined;
    const running = (await findRunning(order)) ?? (other && (await findRunning(other)));
    if (running) return openStack(running, { ...options, owned: false, reused: true });
  }
  parseAll(PACKAGE_ROOT);
  let paths: RunPaths | undefined;
  try {
    paths = await launchSupervisor(order);
    return await openStack(paths, { ...options, owned: order.owned, reused: false });
  } catch (error) {
    const why = options.signal?.aborted ? error : orDiskFull(error, runsFolder());
    // A boot that failed or was aborted leaves nothing behind, kept or not.
    if (paths) await endStack(paths);
    throw why;
  }
}

async function orderOf(
  { config, services }: StackInput,
  options: Omit<BootOptions, 'subjects' | 'config'>,
): Promise<Order> {
  const replaced = replacedComponents(config);
  const found = options.installation ?? (await locateInstallation({ replaced }));
  const installation = options.untuned ? withDefaultFlags(found) : found;
  // Before the fingerprint: a program that was built now is not the one that is running.
  const logsFolder = join(installation.cacheFolder, 'logs');
  const subjects = services.filter(({ subject }) => subject);
  for (const subject of subjects) checkPlaceholders(subject);
  await buildSubjects(subjects, { ...options, logsFolder });
  const order = {
    services,
    config: { addresses: config.addresses },
    installation,
    owned: !options.keep,
    ...(options.only ? { only: options.only } : {}),
    ...(options.untuned ? { untuned: true } : {}),
    ...(options.wire ? { wire: true } : {}),
  };
  return { ...order, fingerprint: fingerprint(order) };
}

type Order = Omit<StackSpec, 'runId' | 'createdAt'>;

/** The same stack without its wire proxy, or with one. */
function withOtherWire({ wire, ...rest }: Order): Order {
  const order = wire ? rest : { ...rest, wire: true as const };
  return { ...order, fingerprint: fingerprint(order) };
}

function withDefaultFlags(found: Installation): Installation {
  const plain = <T extends JvmServer>(server: T): T => ({
    ...server,
    flags: [],
    bootCache: undefined,
    entry: server.launcher === undefined ? server.entry : { jar: server.launcher },
  });
  return {
    ...found,
    kafka: plain(found.kafka),
    connect: plain(found.connect),
    registry: plain(found.registry),
  };
}

/** Every run whose supervisor lives, the newest first. */
export function runningStacks(): RunPaths[] {
  return listRuns().filter((paths) => isSupervised(readJournal(paths.processes)));
}

/** The stack of a verification belongs to that run: only kept ones are shared. */
async function findRunning(order: { readonly fingerprint: string }): Promise<RunPaths | undefined> {
  for (const paths of runningStacks()) {
    const spec = readSpec(paths.spec);
    if (spec.owned || spec.fingerprint !== order.fingerprint) continue;
    const status = await createControl(paths.controlSocket)
      .status()
      .catch(() => undefined);
    if (status?.state === 'ready' || status?.state === 'booting') return paths;
  }
  return undefined;
}

/** Waits until it is ready; throws with the reason when it does not come up. */
export async function openStack(
  paths: RunPaths,
  options: Pick<BootOptions, 'onProgress' | 'signal'> & Pick<Stack, 'owned' | 'reused'>,
): Promise<Stack> {
  const { owned, reused } = options;
  const control = createControl(paths.controlSocket);
  await waitUntilReady(control, paths, options);
  let addressBook = await control.addressBook();
  const links = linkControl(addressBook);
  const refresh = async (): Promise<AddressBook> => {
    addressBook = await control.addressBook();
    return addressBook;
  };
  return {
    runFolder: paths.folder,
    get addressBook() {
      return addressBook;
    },
    owned,
    reused,
    control,
    links,
    refresh,
    down: () => endStack(paths),
    async [Symbol.asyncDispose]() {
      if (owned) await endStack(paths);
    },
  };
}
