/** The state of the supervisor's stack, and the orders that change it. */
import type { AddressBook, InstanceAddress } from '../kernel/address-book.ts';
import type { ProcessJournal } from '../kernel/journal.ts';
import { deadline, retry } from '../kernel/poll.ts';
import type { RunPaths } from '../kernel/run-folder.ts';
import { HEALTH_TIMEOUT_MS, isManaged } from './component.ts';
import type { StackSignal, StackStatus } from './control-client.ts';
import { OrderError, type Orders } from './control-server.ts';
import { isInfrastructure } from './links.ts';
import { pidOf, planStack, type StackPlan } from './plan.ts';
import type { ProgressLog } from './progress-log.ts';
import type { PortBlock } from './providers/native/ports.ts';
import { createProcessTable } from './providers/native/process-table.ts';
import { describeExit } from './providers/provider.ts';
import { bootTree, type Resource, ResourceError, type RunningTree } from './resource.ts';
import { WIRE } from './resources/wire.ts';
import type { StackSpec } from './spec.ts';

export interface SupervisionOptions {
  readonly paths: RunPaths;
  readonly spec: StackSpec;
  readonly journal: ProcessJournal;
  readonly ports: PortBlock;
  readonly progress: ProgressLog;
}

export interface Supervision {
  readonly orders: Omit<Orders, 'down'>;
  /**
   * Throws what kept the stack from coming up, after taking down what had started. A stack whose
   * addresses cannot be published has not come up either; what it started is for {@link down}.
   */
  boot(publish: (book: AddressBook) => void): Promise<void>;
  down(): Promise<void>;
}

type State = StackStatus['resources'][number]['state'];
interface Entry {
  state: State;
  detail?: string;
}

export function createSupervision(options: SupervisionOptions): Supervision {
  const { paths, spec, progress } = options;
  const states = new Map<string, Entry>();
  const table = createProcessTable(options.journal, (child, exit) => {
    const { id } = child.spec;
    const detail = describeExit(exit);
    // During a boot or a stop the tree reports the state.
    if (states.get(id)?.state !== 'ready' && states.get(id)?.state !== 'paused') return;
    states.set(id, { state: 'exited', detail });
    progress.add(id, 'exited', { detail });
  });
  const stopping = new AbortController();
  let stackState: StackStatus['state'] = 'booting';
  let plan: StackPlan | undefined;
  let tree: RunningTree | undefined;
  let booting: Promise<unknown> = Promise.resolve();
  let going: Promise<void> | undefined;
  const extras = new Set<Resource>();

  const observer = {
    onPhase(
      name: string,
      phase: 'starting' | 'ready' | 'failed' | 'stopping' | 'stopped',
      info: { readonly elapsedMs?: number; readonly error?: Error },
    ) {
      const detail = info.error?.message;
      const state: State = phase === 'stopping' ? 'ready' : phase;
      states.set(name, { state, ...(detail === undefined ? {} : { detail }) });
      const tail = info.error instanceof ResourceError ? info.error.logTail : '';
      const shown = detail === undefined ? undefined : tail === '' ? detail : `${detail}\n${tail}`;
      progress.add(name, phase, {
        ...(info.elapsedMs === undefined ? {} : { elapsedMs: info.elapsedMs }),
        ...(shown === undefined ? {} : { detail: shown }),
      });
    },
  };

  const planned = (): StackPlan => {
    if (!plan) throw new OrderError('the stack is still being planned');
    return plan;
  };
  /** The resource of this name and its process; a resource without one cannot be controlled. */
  const managed = (id: string) => {
    const { resources } = planned();
    const resource = resources.get(id);
    if (!resource) {
      const known = [...resources.keys()].join(', ');
      throw new OrderError(`unknown resource "${id}"; known resources: ${known}`);
    }
    const running = isManaged(resource) ? resource.provider.process() : undefined;
    if (!isManaged(resource) || !running) throw new OrderError(`${id} has no process of its own`);
    return { resource, provider: resource.provider, exit: running.exit };
  };

  async function start(): Promise<void> {
    const context = {
      paths,
      installation: spec.installation,
      table,
      ports: options.ports,
      untuned: spec.untuned ?? false,
    };
    plan = await planStack(context, spec);
    for (const name of plan.resources.keys()) states.set(name, { state: 'pending' });
    tree = await bootTree(plan.tree, observer, stopping.signal);
    stackState = 'ready';
  }

  const orders: Supervision['orders'] = {
    async status(health) {
      const asked = [...(plan?.resources ?? [])].filter(
        ([name]) => states.get(name)?.state !== 'stopped',
      );
      const healthOf = await askAll(new Map(health ? asked : []));
      return {
        runId: spec.runId,
        state: stackState,
        fingerprint: spec.fingerprint,
        owned: spec.owned,
        resources: [...states].map(([name, entry]) => {
          const running = pidOf(plan?.resources.get(name));
          const pid = running === undefined ? {} : { pid: running };
          const kind = kindOf(name);
          return { name, kind, ...entry, ...pid, ...(healthOf.get(name) ?? {}) };
        }),
      };
    },
    addressBook: () => planned().addressBook(),
    events: (signal) => progress.follow(signal),
    async signal(id, signal) {
      const { provider, exit } = managed(id);
      if (exit) throw new OrderError(`${id} does not run: it ${describeExit(exit)}`);
      const sent = provider.signal(signal);
      const state = stateAfter(signal);
      if (state) states.set(id, { state });
      await sent;
    },
    async stop(id) {
      const exit = await managed(id).provider.stop();
      if (!exit) throw new OrderError(`${id} never ran`);
      if (forgetExtra(id)) return exit;
      states.set(id, { state: 'stopped', detail: describeExit(exit) });
      return exit;
    },
    async restart(id, env) {
      const { resource } = managed(id);
      const { services } = planned();
      if (env && isInfrastructure(id)) {
        throw new OrderError(`${id} is not a service: only services take variables at a restart`);
      }
      await timed(resource, (signal) => resource.restart(signal, env));
      return instanceAddress(
        services.addresses(() => undefined),
        id,
      );
    },
    async startInstance(service) {
      const { resources, services } = planned();
      const { definition, address } = await services.another(service);
      const resource = services.resourceOf(definition, address);
      resources.set(address.id, resource);
      extras.add(resource);
      services.add(definition.service, address);
      await timed(resource, (signal) => resource.up(signal));
      return address;
    },
  };

  /** An instance that was started on top of the plan leaves the address book when it is stopped. */
  function forgetExtra(id: string): boolean {
    const extra = [...extras].find(({ name }) => name === id);
    if (!extra) return false;
    const { resources, services } = planned();
    const { ports = {} } =
      instanceAddress(
        services.addresses(() => undefined),
        id,
      ) ?? {};
    for (const port of Object.values(ports)) options.ports.release(port);
    extras.delete(extra);
    resources.delete(id);
    services.remove(id);
    states.delete(id);
    return true;
  }

  /** Runs a start outside the tree with the same deadline and the same record. */
  async function timed(resource: Resource, work: (signal: AbortSignal) => Promise<void>) {
    const startedAt = performance.now();
    states.set(resource.name, { state: 'starting' });
    using limit = deadline(`starting ${resource.name}`, resource.upTimeoutMs, stopping.signal);
    try {
      await work(limit.signal);
      await retry(`${resource.name} is healthy`, () => resource.healthCheck(limit.signal), limit);
    } catch (cause) {
      const error = new ResourceError(resource, 'did not come up', cause);
      observer.onPhase(resource.name, 'failed', { error });
      throw new OrderError(`${error.message}\n${error.logTail}`, { cause: error });
    }
    const elapsedMs = Math.round(performance.now() - startedAt);
    observer.onPhase(resource.name, 'ready', { elapsedMs });
  }

  async function stop(): Promise<void> {
    stackState = 'stopping';
    stopping.abort(new Error('the stack is stopping'));
    await booting.catch(() => undefined);
    await Promise.all(
      [...extras].map((extra) => extra.down(AbortSignal.timeout(extra.downTimeoutMs))),
    );
    const errors = (await tree?.down()) ?? [];
    progress.add('stack', 'stopped');
    if (errors.length > 0) throw new AggregateError(errors, 'not everything went down cleanly');
  }

  return {
    orders,
    async boot(publish) {
      const work = start();
      booting = work;
      try {
        await work;
        publish(orders.addressBook());
      } catch (error) {
        if (!stopping.signal.aborted) stackState = 'failed';
        progress.add('stack', 'failed', { detail: describeFailure(error) });
        throw error;
      }
    },
    down() {
      going ??= stop();
      return going;
    },
  };
}

/** What was wrong, and the end of the log of the resource that it was wrong with. */
export function describeFailure(error: unknown): string {
  const tail = error instanceof ResourceError && error.logTail ? `\n${error.logTail}` : '';
  return `${error instanceof Error ? error.message : String(error)}${tail}`;
}

const kindOf = (name: string): StackStatus['resources'][number]['kind'] =>
  isInfrastructure(name) || name === WIRE ? 'infrastructure' : 'service';

const stateAfter = (signal: StackSignal): State | undefined =>
  ({ SIGSTOP: 'paused' as const, SIGCONT: 'ready' as const })[signal as 'SIGSTOP' | 'SIGCONT'];

function instanceAddress(
  services: Record<string, { readonly instances: readonly InstanceAddress[] }>,
  id: string,
): InstanceAddress | undefined {
  return Object.values(services)
    .flatMap((service) => service.instances)
    .find((instance) => instance.id === id);
}

interface Health {
  readonly healthy: boolean;
  readonly detail?: string;
}

async function askAll(resources: ReadonlyMap<string, Resource>): Promise<Map<string, Health>> {
  const asked = [...resources].map(async ([name, resource]): Promise<[string, Health]> => {
    using limit = deadline(`an answer of ${name}`, HEALTH_TIMEOUT_MS);
    try {
      await resource.healthCheck(limit.signal);
      return [name, { healthy: true }];
    } catch (error) {
      return [name, { healthy: false, detail: (error as Error).message }];
    }
  });
  return new Map(await Promise.all(asked));
}
